using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace Platform.Storage;

/// <summary>
/// Files in a folder. A key is a relative path that the platform made, never one that came from outside.
/// </summary>
internal sealed class FolderBlobs(IOptions<StorageOptions> options)
{
    private readonly string _root = Path.GetFullPath(options.Value.Folder);
    private readonly FlushFiles _flush = new();
    private readonly bool _flushes = options.Value.FlushToDisk;

    /// <summary>
    /// Writes a new file. Its key holds the attempt, so that no two writers ever share one. Throws <see cref="IOException"/>
    /// when the disk is full or the folder is gone.
    /// </summary>
    public async Task WriteAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        var path = PathOf(key);
        using var file = Create(path);
        try
        {
            // Into the page cache: an asynchronous write would only take the way through another thread.
            RandomAccess.Write(file, bytes.Span, 0);
            if (_flushes)
            {
                await _flush.FlushAsync(file);
            }
        }
        catch (IOException)
        {
            // Half a file must not be taken for a whole one.
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Null when there is no such file (any more).</summary>
    public FileInfo? Find(string key)
    {
        var file = new FileInfo(PathOf(key));
        return file.Exists ? file : null;
    }

    /// <summary>Deletes a file; one that is gone already is fine, so that a sweep can be run again.</summary>
    public void Delete(string key)
    {
        var path = PathOf(key);
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone with its folder.
            return;
        }
    }

    /// <summary>Makes sure at start that files can be written here. Null, or one sentence that says what is wrong.</summary>
    public string? FindFault()
    {
        var probe = Path.Combine(_root, $".probe-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(_root);
            try
            {
                File.WriteAllBytes(probe, new byte[4096]);
            }
            finally
            {
                File.Delete(probe);
            }

            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"Files cannot be stored in {_root} ({fault.Message}). "
                + "Free space or set Storage:Folder to a folder that this user may write.";
        }
    }

    private string PathOf(string key) => Path.Combine(_root, key);

    private static SafeFileHandle Create(string path)
    {
        try
        {
            return Open(path);
        }
        catch (DirectoryNotFoundException)
        {
            // The folder of a shard is made by its first file; after that the check would be a system call a file for nothing.
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return Open(path);
        }
    }

    // Sharing is allowed because nobody else can know a new file's name: forbidding it would cost a lock call a file.
    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
}
