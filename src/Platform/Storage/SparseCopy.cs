namespace Platform.Storage;

/// <summary>Copies a file and keeps its holes: what was deleted from a pack takes no room in a copy either.</summary>
internal static class SparseCopy
{
    private const int Block = 64 * 1024;

    /// <summary>Replaces <paramref name="target"/>. Blocks that are all zeros are not written, whether or not they were a hole before.</summary>
    /// <exception cref="FileNotFoundException">There is no <paramref name="source"/>.</exception>
    public static void Run(string source, string target)
    {
        using var from = File.OpenHandle(source, options: FileOptions.SequentialScan);
        using var to = File.OpenHandle(target, FileMode.Create, FileAccess.Write);
        var buffer = new byte[Block];
        var at = 0L;
        while (RandomAccess.Read(from, buffer, at) is > 0 and var read)
        {
            var bytes = buffer.AsSpan(0, read);
            if (bytes.ContainsAnyExcept((byte)0))
            {
                RandomAccess.Write(to, bytes, at);
            }

            at += read;
        }

        RandomAccess.SetLength(to, at);
    }
}
