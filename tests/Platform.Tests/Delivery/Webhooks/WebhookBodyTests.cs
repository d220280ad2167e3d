using System.Text;
using Platform.Delivery.Webhooks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

public sealed class WebhookBodyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(48 * 1024)]
    [InlineData((48 * 1024) + 1)]
    [InlineData((96 * 1024) + 2)]
    public async Task Streams_audio_as_the_base64_it_would_be_in_one_piece(int length)
    {
        var audio = Enumerable.Range(0, length).Select(static i => (byte)(i * 31)).ToArray();
        var body = new WebhookBody("<"u8.ToArray(), length, () => Task.FromResult<Stream>(new Dripping(audio)), ">"u8.ToArray());

        var text = Encoding.ASCII.GetString(await body.ToContent().ReadAsByteArrayAsync(Cancellation));

        Assert.Equal("<" + Convert.ToBase64String(audio) + ">", text);
        Assert.Equal(text.Length, body.Length);
        Assert.Equal(text.Length, body.ToContent().Headers.ContentLength);
    }

    [Fact]
    public void Is_json_and_knows_its_length()
    {
        var content = new WebhookBody("{\"data\":[]}"u8.ToArray()).ToContent();

        Assert.Equal("application/json", content.Headers.ContentType?.ToString());
        Assert.Equal(11, content.Headers.ContentLength);
    }

    /// <summary>Gives fewer bytes than asked for, as files on a network do.</summary>
    private sealed class Dripping(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 7001)], cancellationToken);
    }
}
