using Microsoft.Win32.SafeHandles;

namespace Platform.Storage.Packs;

/// <summary>The pack that a process is writing to. Only one thread at a time may use it.</summary>
internal sealed class OpenPack : IDisposable
{
    // Beyond this a sweep would take long to pass over it.
    private const long Largest = 64 * 1024 * 1024;

    // Moving the end of a file takes a second write to disk, into the file system's journal: once for all of these instead of for each blob.
    private const long Ahead = 1024 * 1024;

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly long _openedAt;
    private readonly TimeProvider _time;
    private long _end;
    private long _reserved;

    private OpenPack(string root, PackKey start, TimeProvider time)
    {
        _time = time;
        _openedAt = time.GetTimestamp();
        Start = start;
        _path = Path.Combine(root, start.File);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        PackNative.LockAsWriter(_file);
    }

    /// <summary>What the keys of its blobs begin with.</summary>
    public PackKey Start { get; }

    /// <summary>An empty pack of a new name.</summary>
    public static OpenPack Create(string root, string prefix, TimeProvider time)
    {
        var id = Guid.NewGuid().ToString("N");
        return new OpenPack(root, new PackKey($"{prefix}{id[^2..]}/", id, 0, ""), time);
    }

    /// <summary>
    /// Whether so many bytes more should go into it. A pack of another hour is left alone, so that what was written together goes together;
    /// one that somebody has moved away would keep what nobody finds.
    /// </summary>
    public bool HasRoom(long bytes) =>
        _end + bytes <= Largest && _time.GetElapsedTime(_openedAt) < TimeSpan.FromHours(1) && File.Exists(_path);

    /// <summary>Appends whole blocks and answers the number of the first; they survive a crash when this returns, if flushing is asked for.</summary>
    public int Append(IReadOnlyList<ReadOnlyMemory<byte>> blocks, long bytes, bool flushes)
    {
        var isFirst = _end == 0;
        if (_end + bytes > _reserved && PackNative.TryReserve(_file, _end, bytes + Ahead))
        {
            _reserved = _end + bytes + Ahead;
        }

        // Into the page cache: an asynchronous write would only take the way through another thread.
        RandomAccess.Write(_file, blocks, _end);
        if (flushes)
        {
            PackNative.Flush(_file);
            if (isFirst)
            {
                FlushName();
            }
        }

        var first = (int)(_end / PackItem.Block);
        _end += bytes;
        return first;
    }

    /// <summary>Gives back what was reserved and never used; a pack in which nothing is left any more goes as a whole.</summary>
    public void Dispose()
    {
        try
        {
            RandomAccess.SetLength(_file, _end);
            if (PackNative.FindData(_file, 0) is null)
            {
                File.Delete(_path);
            }
        }
        catch (IOException)
        {
            // A disk that takes nothing any more: the room stays reserved, and the sweep over orphans deletes an empty pack.
            return;
        }
        finally
        {
            _file.Dispose();
        }
    }

    // A file is found again only when its folder knows it, and a folder is flushed like a file.
    private void FlushName()
    {
        using var folder = PackNative.OpenFolder(Path.GetDirectoryName(_path)!);
        PackNative.Flush(folder);
    }
}
