using System.Net;
using System.Text;

namespace Platform.Delivery.Webhooks;

/// <summary>
/// The JSON that a webhook posts. Audio that goes inside it is read from its file piece by piece, once for the signature and once for the
/// wire: held in memory, what waits for slow receivers would take all of it.
/// </summary>
internal sealed class WebhookBody
{
    private const int Piece = 48 * 1024;

    private readonly byte[] _start;
    private readonly byte[] _end;
    private readonly long _audioLength;
    private readonly Func<Task<Stream>>? _openAudio;

    public WebhookBody(byte[] json)
    {
        _start = json;
        _end = [];
    }

    /// <param name="start">Everything before the audio.</param>
    /// <param name="audioLength">Bytes of the file; base64 makes four of three.</param>
    /// <param name="openAudio">Opens the file anew.</param>
    /// <param name="end">Everything behind it.</param>
    public WebhookBody(byte[] start, long audioLength, Func<Task<Stream>> openAudio, byte[] end)
    {
        _start = start;
        _audioLength = audioLength;
        _openAudio = openAudio;
        _end = end;
    }

    public long Length => _start.Length + ((_audioLength + 2) / 3 * 4) + _end.Length;

    /// <summary>Gives the body in pieces, in order, to something that takes them at once.</summary>
    public Task ReadAsync(Action<ReadOnlyMemory<byte>> take, CancellationToken cancellation) => ReadAsync(
        part =>
        {
            take(part);
            return default;
        },
        cancellation);

    private async Task ReadAsync(Func<ReadOnlyMemory<byte>, ValueTask> takeAsync, CancellationToken cancellation)
    {
        await takeAsync(_start);
        if (_openAudio is not null)
        {
            await using var file = await _openAudio();
            var buffer = new byte[Piece];
            int count;
            while ((count = await file.ReadAtLeastAsync(buffer, Piece, throwOnEndOfStream: false, cancellation)) > 0)
            {
                // A piece is a multiple of three bytes, so that only the last one ends in padding.
                await takeAsync(Encoding.ASCII.GetBytes(Convert.ToBase64String(buffer, 0, count)));
            }
        }

        await takeAsync(_end);
    }

    public HttpContent ToContent() => new Content(this) { Headers = { { "Content-Type", "application/json" } } };

    private sealed class Content(WebhookBody body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            body.ReadAsync(part => stream.WriteAsync(part, cancellationToken), cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = body.Length;
            return true;
        }
    }
}
