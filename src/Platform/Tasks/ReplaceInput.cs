using System.Text;
using System.Text.Json;

namespace Platform.Tasks;

/// <summary>Puts a medium's UUID in the place of <c>inputs.audio</c>; every other byte of the request stays as it was sent.</summary>
internal static class ReplaceInput
{
    /// <exception cref="InvalidOperationException">The request has no such member, although its check found one.</exception>
    public static ReadOnlyMemory<byte> Run(ReadOnlyMemory<byte> request, string mediaUuid)
    {
        var json = new Utf8JsonReader(request.Span);
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
                var (start, end) = ((int)json.TokenStartIndex, (int)json.BytesConsumed);
                return (byte[])[.. request.Span[..start], .. Encoding.ASCII.GetBytes($"\"{mediaUuid}\""), .. request.Span[end..]];
            }
        }

        throw new InvalidOperationException("The request has no inputs.audio.");
    }
}
