using System.Buffers;

namespace Platform.Api;

/// <summary>Reads a body within its limit, which holds while reading: what is over it is never taken in.</summary>
internal static class RequestBody
{
    /// <summary>The whole body, or null when it is longer than the limit.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit)
    {
        if (request.ContentLength > limit)
        {
            return null;
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(request.HttpContext.RequestAborted);
            if (read.Buffer.Length > limit)
            {
                // Given back, else the server cannot take the reader over to end the request in good order.
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                // A copy, because the tasks keep slices of it after the request's own buffers are given back.
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
