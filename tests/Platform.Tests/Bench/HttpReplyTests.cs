using System.Text;
using Platform.Bench.Load;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class HttpReplyTests
{
    private const string Counted = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCONTENT-LENGTH:  5 \r\n\r\nhello";
    private const string Chunked = "HTTP/1.1 429 Too Many Requests\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5\r\nhello\r\n1a;x=y\r\n, chunked world of letters\r\n0\r\n\r\n";

    [Fact]
    public void Reads_a_counted_body_and_leaves_what_follows()
    {
        var bytes = Encoding.ASCII.GetBytes(Counted + "HTTP/1.1 200");
        var reply = HttpReply.Read(bytes);
        Assert.Equal(ReplyState.Complete, reply.State);
        Assert.Equal(200, reply.Status);
        Assert.Equal(Counted.Length, reply.Length);
        Assert.Equal("hello", Body(bytes, reply));
    }

    [Fact]
    public void Closes_up_a_chunked_body()
    {
        var bytes = Encoding.ASCII.GetBytes(Chunked);
        var reply = HttpReply.Read(bytes);
        Assert.Equal(ReplyState.Complete, reply.State);
        Assert.Equal(429, reply.Status);
        Assert.Equal(Chunked.Length, reply.Length);
        Assert.Equal("hello, chunked world of letters", Body(bytes, reply));
    }

    [Theory]
    [InlineData(Counted)]
    [InlineData(Chunked)]
    public void Waits_for_more_at_every_cut_and_leaves_the_buffer_alone(string whole)
    {
        for (var length = 0; length < whole.Length; length++)
        {
            var bytes = Encoding.ASCII.GetBytes(whole[..length]);
            Assert.Equal(ReplyState.Incomplete, HttpReply.Read(bytes).State);
            Assert.Equal(whole[..length], Encoding.ASCII.GetString(bytes));
        }
    }

    [Fact]
    public void Reads_an_empty_body()
    {
        var reply = HttpReply.Read("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        Assert.Equal(ReplyState.Complete, reply.State);
        Assert.Equal(204, reply.Status);
        Assert.Equal(0, reply.BodyLength);
    }

    [Theory]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n")]
    public void Calls_broken_what_it_cannot_read(string text) =>
        Assert.Equal(ReplyState.Broken, HttpReply.Read(Encoding.ASCII.GetBytes(text)).State);

    private static string Body(byte[] bytes, HttpReply reply) => Encoding.ASCII.GetString(bytes, reply.BodyStart, reply.BodyLength);
}
