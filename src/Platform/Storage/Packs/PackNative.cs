using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Platform.Storage.Packs;

/// <summary>What the runtime has no call for. All of it fails as an <see cref="IOException"/>, and nothing else.</summary>
internal static partial class PackNative
{
    // linux/falloc.h, unistd.h, sys/file.h, errno.h
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private const int SeekData = 3;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNoWait = 4;
    private const int NoSuchAddress = 6;
    private const int DirectoryOnly = 0x10000;

    /// <summary>Bytes, and as much of what the file system says about them as reading them takes, are on disk when this returns.</summary>
    public static void Flush(SafeFileHandle file)
    {
        if (DataSync(file) != 0)
        {
            throw new IOException($"A file could not be flushed: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    /// <summary>Room ahead of the writing, so that not every write has to change where the file ends. Not every file system can.</summary>
    public static bool TryReserve(SafeFileHandle file, long offset, long length) => Allocate(file, 0, offset, length) == 0;

    /// <summary>Gives the room of a range back; it reads as zeros from then on. False where the file system cannot.</summary>
    public static bool TryPunch(SafeFileHandle file, long offset, long length) => Allocate(file, PunchHole | KeepSize, offset, length) == 0;

    /// <summary>The first place from <paramref name="offset"/> on where there may be anything but zeros; null when there is none.</summary>
    public static long? FindData(SafeFileHandle file, long offset) =>
        Seek(file, offset, SeekData) is >= 0 and var place
            ? place
            : Marshal.GetLastPInvokeError() == NoSuchAddress ? null : offset;

    /// <summary>Says to all processes that this file is being written to, for as long as it is open.</summary>
    public static void LockAsWriter(SafeFileHandle file) => _ = Lock(file, LockShared | LockNoWait);

    /// <summary>True when nobody writes to the file, and nobody can say so before it is closed.</summary>
    public static bool TryLockAlone(SafeFileHandle file) => Lock(file, LockExclusive | LockNoWait) == 0;

    /// <summary>A folder, to be flushed: the runtime opens files only.</summary>
    public static SafeFileHandle OpenFolder(string path)
    {
        var folder = Open(path, DirectoryOnly);
        return folder.IsInvalid ? throw new IOException($"The folder {path} could not be opened: {Marshal.GetLastPInvokeErrorMessage()}.") : folder;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int DataSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int from);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);
}
