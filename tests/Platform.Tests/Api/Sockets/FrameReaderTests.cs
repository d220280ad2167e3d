using System.Net.WebSockets;
using System.Text;
using Platform.Api.Sockets;
using Xunit;

namespace Platform.Tests.Api.Sockets;

public sealed class FrameReaderTests
{
    private const int Limit = 100_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(65_536)]
    [InlineData(Limit)]
    public async Task Takes_a_message_up_to_the_limit_whole(int length)
    {
        using var pair = await SocketPair.OpenAsync();
        var text = Random.Shared.GetString("abcdefgh", length);
        var sending = pair.SendAsync(Encoding.ASCII.GetBytes(text));

        var frame = await ReadAsync(pair);

        await sending;
        Assert.Equal((FrameKind.Text, text), (frame.Kind, Encoding.ASCII.GetString(frame.Bytes.Span)));
    }

    [Theory]
    [InlineData(Limit + 1)]
    [InlineData(3 * Limit)]
    public async Task Reads_past_a_message_that_is_too_long(int length)
    {
        using var pair = await SocketPair.OpenAsync();
        var reader = Reader(pair);
        var sending = pair.SendAsync(Blank(length));

        Assert.Equal(FrameKind.TooLarge, (await ReadAsync(reader)).Kind);

        await sending;
        await pair.SendAsync("next"u8.ToArray());
        Assert.Equal("next", Encoding.ASCII.GetString((await ReadAsync(reader)).Bytes.Span));
    }

    [Fact]
    public async Task Closes_with_1009_in_the_middle_of_a_message_without_end()
    {
        using var pair = await SocketPair.OpenAsync();
        var reading = Reader(pair).ReadAsync();
        var closed = pair.ReceiveAsync();
        while (!closed.IsCompleted)
        {
            await pair.SendAsync(Blank(Limit), isWhole: false);
        }

        Assert.Null(await closed);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, pair.Client.CloseStatus);
        await pair.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken);
        Assert.Equal(FrameKind.Closed, (await reading.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Kind);
    }

    [Fact]
    public async Task Joins_fragments_and_names_a_binary_message()
    {
        using var pair = await SocketPair.OpenAsync();
        var reader = Reader(pair);
        foreach (var (part, isLast) in ((string, bool)[])[("a", false), ("", false), ("b", true)])
        {
            await pair.SendAsync(Encoding.ASCII.GetBytes(part), isLast);
        }

        await pair.SendAsync([1, 2, 3], type: WebSocketMessageType.Binary);

        Assert.Equal("ab", Encoding.ASCII.GetString((await ReadAsync(reader)).Bytes.Span));
        var binary = await ReadAsync(reader);
        Assert.Equal((FrameKind.Binary, 0), (binary.Kind, binary.Bytes.Length));
    }

    [Theory]
    [InlineData("close")]
    [InlineData("break")]
    [InlineData("half")]
    [InlineData("garbage")]
    public async Task Every_way_to_leave_is_a_close(string way)
    {
        using var pair = await SocketPair.OpenAsync();
        var reading = Reader(pair).ReadAsync();
        switch (way)
        {
            case "close":
                await pair.Client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", TestContext.Current.CancellationToken);
                break;
            case "half":
                await pair.SendAsync(Blank(10), isWhole: false);
                pair.Break();
                break;
            case "garbage":
                // Reserved bits and an opcode that does not exist.
                await pair.Raw.WriteAsync(new byte[] { 0x7B, 0x81, 1, 2, 3, 4, 5, 6, 7, 8 }, TestContext.Current.CancellationToken);
                break;
            default:
                pair.Break();
                break;
        }

        Assert.Equal(FrameKind.Closed, (await reading.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Kind);
    }

    [Fact]
    public async Task A_crowd_of_unfinished_messages_is_bounded_and_gives_its_room_back()
    {
        var room = new FrameRoom(50_000);
        using var first = await SocketPair.OpenAsync();
        using var second = await SocketPair.OpenAsync();
        var (greedy, late) = (new FrameReader(first.Wire, room, Limit), new FrameReader(second.Wire, room, Limit));
        var reading = greedy.ReadAsync();
        await first.SendAsync(Blank(30_000), isWhole: false);
        await Scenarios.Until.TrueAsync(() =>
        {
            // Thirty thousand bytes need a buffer of 32 KiB, of which 28 KiB came out of the room.
            var isTaken = !room.TryTake(30_000);
            if (!isTaken)
            {
                room.Give(30_000);
            }

            return Task.FromResult(isTaken);
        });

        await second.SendAsync(Blank(60_000));
        Assert.Equal(FrameKind.NoRoom, (await ReadAsync(late)).Kind);

        await first.SendAsync(Blank(10));
        Assert.Equal(30_010, (await reading).Bytes.Length);
        Assert.True(room.TryTake(50_000));
    }

    private static FrameReader Reader(SocketPair pair) => new(pair.Wire, new FrameRoom(1 << 30), Limit);

    private static Task<Frame> ReadAsync(SocketPair pair) => ReadAsync(Reader(pair));

    private static Task<Frame> ReadAsync(FrameReader reader) =>
        reader.ReadAsync().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    private static byte[] Blank(int length)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill((byte)' ');
        return bytes;
    }
}
