using System.Text;
using System.Text.Json;

namespace Platform.Tasks;

/// <summary>Puts a medium's UUID in the place of <c>inputs.audio</c>; every other byte of the request stays as it was sent.</summary>
internal static class ReplaceInput
{
    /// <exception cref="InvalidOperationException">The request has no such member, although its check found one.</exception>
    public static ReadOnlyMemory<byte> Run(ReadOnlyMemory<byte> request, string mediaUuid) =>
        Find(request.Span) is var (start, end)
            ? (byte[])[.. request.Span[..start], .. Encoding.ASCII.GetBytes($"\"{mediaUuid}\""), .. request.Span[end..]]
            : throw new InvalidOperationException("The request has no inputs.audio.");

    /// <summary>What a request has beside its <c>inputs.audio</c>, in bytes.</summary>
    public static int LengthOfRest(ReadOnlyMemory<byte> request) =>
        request.Length - (Find(request.Span) is var (start, end) ? end - start : 0);

    private static (int Start, int End)? Find(ReadOnlySpan<byte> request)
    {
        var json = new Utf8JsonReader(request);
        var isInside = false;
        while (json.Read())
        {
            if (json.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            if (json.CurrentDepth == 1)
            {
                isInside = json.ValueTextEquals("inputs"u8);
            }
            else if (isInside && json.CurrentDepth == 2 && json.ValueTextEquals("audio"u8))
            {
                json.Read();
                return ((int)json.TokenStartIndex, (int)json.BytesConsumed);
            }
        }

        return null;
    }
}
