using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Platform.Persistence;

namespace Platform.Storage;

/// <summary>
/// Makes written files survive a crash of the machine before anybody is charged for them. Files that are written while a flush is under
/// way share the next one, and one thread at a time is blocked by it, however many files there are.
/// </summary>
internal sealed partial class FlushFiles
{
    // A flush of the whole file system costs about as much as that of a few files, and waits for other programs' writes too:
    // worth it for a crowd, not for a handful.
    private const int Crowd = 4;

    private readonly BatchWriter<SafeFileHandle, bool> _together = new(FlushAsync, largest: 1024);

    /// <summary>Returns when the file's bytes and its name are on disk.</summary>
    /// <exception cref="IOException">They could not be written: the disk is full or broken.</exception>
    public Task FlushAsync(SafeFileHandle file) => _together.WriteAsync(file);

    // On the thread of the first who asked: a hop to another one would cost a lone file as much as its flush.
    private static Task<IReadOnlyList<bool>> FlushAsync(IReadOnlyList<SafeFileHandle> files)
    {
        if (files.Count > Crowd)
        {
            if (SyncFileSystem(files[0]) != 0)
            {
                throw new IOException($"The file system could not be flushed: {Marshal.GetLastPInvokeErrorMessage()}.");
            }
        }
        else
        {
            foreach (var file in files)
            {
                RandomAccess.FlushToDisk(file);
            }
        }

        return Task.FromResult<IReadOnlyList<bool>>(new bool[files.Count]);
    }

    // https://man7.org/linux/man-pages/man2/sync.2.html: reports write errors since Linux 5.8.
    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(SafeFileHandle file);
}
