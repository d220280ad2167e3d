using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;
using Platform.Storage.Packs;

namespace Platform.Storage;

/// <summary>
/// Files in a folder that every api and worker process sees. No two writers ever share a key. Small results lie in packs, which hold many.
/// </summary>
internal sealed class FolderBlobs : IBlobStore, IDisposable
{
    private readonly string _root;
    private readonly FlushFiles _flush = new();
    private readonly bool _flushes;
    private readonly PackWriter _packs;
    private readonly PackFolder _packed;

    public FolderBlobs(IOptions<StorageOptions> options, TimeProvider time)
    {
        _root = Path.GetFullPath(options.Value.Folder);
        _flushes = options.Value.FlushToDisk;
        _packs = new PackWriter(_root, _flushes, time);
        _packed = new PackFolder(_root);
    }

    public async Task WriteAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
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

    public async Task<string> AddAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (PackWriter.Takes(key, bytes.Length))
        {
            return await _packs.AddAsync(key, bytes);
        }

        await WriteAsync(key, bytes, cancellation);
        return key;
    }

    public Task<Stream?> OpenAsync(string key, CancellationToken cancellation)
    {
        if (PackKey.Find(key) is { } packed)
        {
            return Task.FromResult(_packed.Open(packed));
        }

        try
        {
            // Sharing is allowed because a sweep may delete what is being read: the reader keeps its bytes.
            var file = File.OpenHandle(PathOf(key), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Task.FromResult<Stream?>(new BlobStream(RandomAccess.GetLength(file), ReadAt, file));

            // From the page cache as a rule: an asynchronous read would only take the way through another thread.
            ValueTask<int> ReadAt(long offset, Memory<byte> buffer, CancellationToken _) => new(RandomAccess.Read(file, buffer.Span, offset));
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation)
    {
        var found = keys.Select(static key => (Key: key, Packed: PackKey.Find(key)));
        foreach (var pack in found.GroupBy(static one => one.Packed?.File, StringComparer.Ordinal))
        {
            if (pack.Key is { } file)
            {
                _packed.Delete(file, pack.Select(static one => one.Packed!.Value));
            }
            else
            {
                DeleteFiles(pack.Select(static one => one.Key));
            }
        }

        return Task.CompletedTask;
    }

    public async IAsyncEnumerable<FoundBlob> ListAsync(
        string prefix, string after, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var top = new DirectoryInfo(PathOf(prefix));
        var shards = top.Exists ? top.GetDirectories() : [];
        foreach (var shard in shards.OrderBy(static shard => shard.Name, StringComparer.Ordinal))
        {
            // Folders that lie wholly before the place are not read. Between two of them others get the thread.
            if (string.CompareOrdinal(prefix + shard.Name + "0", after) <= 0)
            {
                continue;
            }

            await Task.Yield();
            foreach (var file in shard.GetFiles().OrderBy(static file => file.Name, StringComparer.Ordinal))
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (var found in Found($"{prefix}{shard.Name}/", file).Where(found => string.CompareOrdinal(found.Key, after) > 0))
                {
                    yield return found;
                }
            }
        }
    }

    public void Dispose() => _packs.Dispose();

    public Uri? SignLink(string key, LinkTerms terms) => null;

    public Task<string?> FindFaultAsync(CancellationToken cancellation) => Task.FromResult(FindFault());

    private string? FindFault()
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

    private IEnumerable<FoundBlob> Found(string folder, FileInfo file) => PackKey.IsPack(file.Name)
        ? _packed.List(new PackKey(folder, Path.GetFileNameWithoutExtension(file.Name), 0, ""))
        : [new FoundBlob(folder + file.Name, new DateTimeOffset(file.LastWriteTimeUtc, TimeSpan.Zero))];

    private void DeleteFiles(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (PackKey.IsPack(key[(key.LastIndexOf('/') + 1)..]))
            {
                // Blobs may have been put into it since it was found empty.
                _packed.Delete(key, []);
            }
            else
            {
                Delete(PathOf(key));
            }
        }
    }

    private string PathOf(string key) => Path.Combine(_root, key);

    private static void Delete(string path)
    {
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

    private static SafeFileHandle Create(string path)
    {
        try
        {
            return Open(path);
        }
        catch (Exception missing) when (missing is DirectoryNotFoundException or FileNotFoundException)
        {
            // The folder of a shard is made by its first file; after that the check would be a system call a file for nothing. Where another
            // writer makes it between the refusal and the look for its reason, it is the file that is said to be missing.
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return Open(path);
        }
    }

    // Sharing is allowed because nobody else can know a new file's name: forbidding it would cost a lock call a file.
    private static SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
}
