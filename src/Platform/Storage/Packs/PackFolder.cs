using Microsoft.Win32.SafeHandles;

namespace Platform.Storage.Packs;

/// <summary>Reads, lists and deletes what lies in packs, whichever process wrote them.</summary>
internal sealed class PackFolder(string root)
{
    /// <summary>Null when the blob, or its whole pack, is gone.</summary>
    public Stream? Open(PackKey key)
    {
        if (TryOpen(key.File, FileAccess.Read) is not { } pack)
        {
            return null;
        }

        if (PackItem.Read(pack, key.Block) is not { } item || item.Name != key.Name)
        {
            pack.Dispose();
            return null;
        }

        var start = ((long)key.Block * PackItem.Block) + PackItem.HeaderBytes;
        return new BlobStream(item.Length, ReadAt, pack);

        ValueTask<int> ReadAt(long offset, Memory<byte> buffer, CancellationToken _)
        {
            var wanted = (int)Math.Min(buffer.Length, item.Length - offset);
            var count = RandomAccess.Read(pack, buffer.Span[..wanted], start + offset);

            // A hole is punched from its start on: while the header is there, so was all that has been read.
            return PackItem.Read(pack, key.Block)?.Name == key.Name
                ? new ValueTask<int>(count)
                : throw new IOException("The blob was deleted while it was read.");
        }
    }

    /// <summary>Deletes blobs of one pack, and the pack when they were its last. A key without a block means an empty pack itself.</summary>
    public void Delete(string file, IEnumerable<PackKey> keys)
    {
        if (TryOpen(file, FileAccess.ReadWrite) is not { } pack)
        {
            return;
        }

        using (pack)
        {
            foreach (var key in keys)
            {
                if (PackItem.Read(pack, key.Block) is { } item && item.Name == key.Name)
                {
                    Delete(pack, key.Block, item);
                }
            }

            // Who writes to it deletes it at the end, when it is still empty then.
            if (PackNative.TryLockAlone(pack) && IsEmpty(pack))
            {
                File.Delete(Path.Combine(root, file));
            }
        }
    }

    /// <summary>The blobs of a pack in the order of their keys; of an empty pack, its own key.</summary>
    public IEnumerable<FoundBlob> List(PackKey start)
    {
        if (TryOpen(start.File, FileAccess.Read) is not { } pack)
        {
            yield break;
        }

        using (pack)
        {
            var isEmpty = true;
            foreach (var (block, item) in Items(pack))
            {
                isEmpty = false;
                yield return new FoundBlob((start with { Block = block, Name = item.Name }).ToString(), item.WrittenAt);
            }

            if (isEmpty)
            {
                yield return new FoundBlob(start.File, new DateTimeOffset(File.GetLastWriteTimeUtc(pack), TimeSpan.Zero));
            }
        }
    }

    private static bool IsEmpty(SafeFileHandle pack) => !Items(pack).Any();

    private static IEnumerable<(int Block, PackItem Item)> Items(SafeFileHandle pack)
    {
        var length = RandomAccess.GetLength(pack);
        for (long at = 0; at < length && PackNative.FindData(pack, at) is { } data;)
        {
            var block = (int)(data / PackItem.Block);
            var item = PackItem.Read(pack, block);
            if (item is { } found)
            {
                yield return (block, found);
            }

            at = (block + (long)(item?.Blocks ?? 1)) * PackItem.Block;
        }
    }

    private static void Delete(SafeFileHandle pack, int block, PackItem item)
    {
        var (at, length) = ((long)block * PackItem.Block, item.Blocks * PackItem.Block);
        if (!PackNative.TryPunch(pack, at, length))
        {
            // The room stays until the whole pack goes; what was in it does not.
            RandomAccess.Write(pack, new byte[length], at);
        }
    }

    private SafeFileHandle? TryOpen(string file, FileAccess access)
    {
        try
        {
            return File.OpenHandle(Path.Combine(root, file), FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
