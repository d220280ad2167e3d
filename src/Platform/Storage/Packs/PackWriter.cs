using Platform.Persistence;

namespace Platform.Storage.Packs;

/// <summary>
/// Puts small blobs that are written at the same time into one file with one write and one flush. A file each takes a tenth of a millisecond of
/// processor time and several writes to the file system's journal, a place in a pack takes a few microseconds.
/// </summary>
internal sealed class PackWriter : IDisposable
{
    /// <summary>Larger blobs are files of their own: making one is nothing beside making that much sound.</summary>
    public const int LargestBlob = 256 * 1024;

    private const int LargestBatch = 256;

    private readonly string _root;
    private readonly bool _flushes;
    private readonly TimeProvider _time;
    private readonly BatchWriter<NewBlob, string> _together;
    private readonly Lock _gate = new();
    private readonly byte[] _filler = new byte[PackItem.Block];
    private OpenPack? _pack;
    private bool _closed;

    public PackWriter(string root, bool flushes, TimeProvider time)
    {
        (_root, _flushes, _time) = (root, flushes, time);
        _together = new BatchWriter<NewBlob, string>(AppendAsync, LargestBatch) { Gathers = true };
    }

    /// <summary>Whether a blob of this key and length goes into a pack.</summary>
    public static bool Takes(string key, int length) => length <= LargestBlob && PackItem.Fits(NameOf(key));

    /// <summary>The key under which the blob lies from now on, made from the one that it would have as a file of its own.</summary>
    public Task<string> AddAsync(string key, ReadOnlyMemory<byte> bytes) =>
        _together.WriteAsync(new NewBlob(key[..(key.IndexOf('/') + 1)], NameOf(key), bytes));

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _pack?.Dispose();
            _pack = null;
        }
    }

    private static string NameOf(string key) => key[(key.LastIndexOf('/') + 1)..];

    // On the thread of the first who asked: a hop to another one would cost a lone blob as much as its flush.
    private Task<IReadOnlyList<string>> AppendAsync(IReadOnlyList<NewBlob> blobs)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<string>>(Append(blobs));
        }
    }

    private string[] Append(IReadOnlyList<NewBlob> blobs)
    {
        var now = _time.GetUtcNow();
        var items = blobs.Select(blob => new PackItem(blob.Name, blob.Bytes.Length, now)).ToArray();
        var bytes = items.Sum(static item => (long)item.Blocks) * PackItem.Block;
        var pack = PackFor(bytes, blobs[0].Prefix);
        int block;
        try
        {
            block = pack.Append(Lay(blobs, items), bytes, _flushes);
        }
        catch
        {
            // What a failed write or flush has left of the file is not known. What was in it before is untouched.
            _pack = null;
            pack.Dispose();
            throw;
        }
        finally
        {
            CloseIfLate();
        }

        var keys = new string[items.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = (pack.Start with { Block = block, Name = items[i].Name }).ToString();
            block += items[i].Blocks;
        }

        return keys;
    }

    private OpenPack PackFor(long bytes, string prefix)
    {
        if (_pack is { } current && (!current.HasRoom(bytes) || !current.Start.Folder.StartsWith(prefix, StringComparison.Ordinal)))
        {
            _pack = null;
            current.Dispose();
        }

        return _pack ??= OpenPack.Create(_root, prefix, _time);
    }

    private List<ReadOnlyMemory<byte>> Lay(IReadOnlyList<NewBlob> blobs, PackItem[] items)
    {
        var headers = new byte[items.Length * PackItem.HeaderBytes];
        var blocks = new List<ReadOnlyMemory<byte>>(3 * items.Length);
        for (var i = 0; i < items.Length; i++)
        {
            var header = headers.AsMemory(i * PackItem.HeaderBytes, PackItem.HeaderBytes);
            items[i].Write(header.Span);
            blocks.Add(header);
            blocks.Add(blobs[i].Bytes);
            blocks.Add(_filler.AsMemory(0, (items[i].Blocks * PackItem.Block) - PackItem.HeaderBytes - items[i].Length));
        }

        blocks.RemoveAll(static part => part.IsEmpty);
        return blocks;
    }

    // A process that stops may finish results for a while after its stores were closed.
    private void CloseIfLate()
    {
        if (_closed)
        {
            _pack?.Dispose();
            _pack = null;
        }
    }

    private readonly record struct NewBlob(string Prefix, string Name, ReadOnlyMemory<byte> Bytes);
}
