using System.Runtime.InteropServices;

namespace Platform.Persistence.Embedded;

/// <summary>The calls that .NET has no door to: signals other than kill, and file ownership.</summary>
internal static partial class Native
{
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Everybody may enter and read (0755).</summary>
    public const uint Passable = 0b111_101_101;

    /// <summary>Sends a signal. False when there is no such process (any more) or it belongs to somebody else.</summary>
    public static bool Signal(int processId, int signal) => kill(processId, signal) == 0;

    /// <summary>Gives one file or folder to a user and a group; only root can.</summary>
    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (chown(path, user, group) != 0)
        {
            throw new IOException($"Cannot give {path} to user {user}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Sets the permission bits whatever the umask is.</summary>
    public static void ChangeMode(string path, uint mode)
    {
        if (chmod(path, mode) != 0)
        {
            throw new IOException($"Cannot change the permissions of {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int processId, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint user, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);
}
