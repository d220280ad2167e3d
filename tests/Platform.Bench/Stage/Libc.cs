using System.Runtime.InteropServices;

namespace Platform.Bench.Stage;

/// <summary>The few calls of the C library that .NET has no name for.</summary>
internal static partial class Libc
{
    public const int SigInt = 2;
    public const int SigTerm = 15;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUser();
}
