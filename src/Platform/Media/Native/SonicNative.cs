using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary>A <c>sonicStream</c>; one thread at a time.</summary>
internal sealed class SonicHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        SonicNative.DestroyStream(handle);
        return true;
    }
}

/// <summary>The calls of libsonic 0.2 that <see cref="TimeStretch"/> needs. Those that can run out of memory return 0 then.</summary>
internal static unsafe partial class SonicNative
{
    static SonicNative() => NativeLibraries.Register();

    [LibraryImport("sonic", EntryPoint = "sonicCreateStream")]
    public static partial SonicHandle CreateStream(int sampleRate, int channels);

    [LibraryImport("sonic", EntryPoint = "sonicDestroyStream")]
    public static partial void DestroyStream(nint stream);

    [LibraryImport("sonic", EntryPoint = "sonicSetSpeed")]
    public static partial void SetSpeed(SonicHandle stream, float speed);

    [LibraryImport("sonic", EntryPoint = "sonicWriteShortToStream")]
    public static partial int WriteShorts(SonicHandle stream, short* samples, int count);

    [LibraryImport("sonic", EntryPoint = "sonicFlushStream")]
    public static partial int Flush(SonicHandle stream);

    [LibraryImport("sonic", EntryPoint = "sonicSamplesAvailable")]
    public static partial int SamplesAvailable(SonicHandle stream);

    [LibraryImport("sonic", EntryPoint = "sonicReadShortFromStream")]
    public static partial int ReadShorts(SonicHandle stream, short* samples, int max);
}
