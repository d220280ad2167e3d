using Platform.Delivery;

namespace Platform.Tests.Delivery;

/// <summary>Replies as a client gets them.</summary>
internal static class ReplyTexts
{
    public static async Task<byte[]> ToArrayAsync(this ReplyText text)
    {
        using var all = new MemoryStream();
        var ended = 0;
        await text.WriteAsync(
            (bytes, isLast) =>
            {
                all.Write(bytes.Span);
                ended += isLast ? 1 : 0;
                return default;
            },
            CancellationToken.None);
        return ended == 1 ? all.ToArray() : throw new InvalidOperationException($"{ended} pieces were the last.");
    }
}
