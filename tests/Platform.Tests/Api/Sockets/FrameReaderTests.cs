using System.Net.WebSockets;
using System.Text;
using Platform.Api;
using Platform.Api.Sockets;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Api.Sockets;

public sealed class FrameReaderTests
{
    private const int Limit = 100_000;
    private static readonly Guid Tenant = Guid.NewGuid();

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
        var room = new IncomingRoom(150_000, 150_000);
        using var first = await SocketPair.OpenAsync();
        using var second = await SocketPair.OpenAsync();
        var (greedy, late) = (Reader(first, room), Reader(second, room));
        var reading = greedy.ReadAsync();
        await first.SendAsync(Blank(90_000), isWhole: false);

        // Ninety thousand bytes need a buffer of a hundred thousand and one, which leaves no room for a second one like it.
        await Scenarios.Until.TrueAsync(() => Task.FromResult(!Fits(room, 100_000)));

        await second.SendAsync(Blank(90_000));
        var refused = await ReadAsync(late);
        Assert.Equal((FrameKind.NoRoom, "rateLimitExceeded"), (refused.Kind, refused.Room!.Refusal!.Code));
        await second.SendAsync(Blank(60_000));
        Assert.Equal(60_000, (await ReadAsync(late)).Bytes.Length);

        // It counts until whoever got the bytes lets go of them.
        await first.SendAsync(Blank(10));
        var whole = await reading;
        Assert.Equal(90_010, whole.Bytes.Length);
        Assert.False(Fits(room, 100_000));
        whole.Room!.Release();
        Assert.True(Fits(room, 150_000));
    }

    [Fact]
    public async Task A_frame_that_is_thrown_away_gives_its_room_back()
    {
        var room = new IncomingRoom(150_000, 150_000);
        using var pair = await SocketPair.OpenAsync();
        var reader = Reader(pair, room);
        await pair.SendAsync(Blank(90_000), type: WebSocketMessageType.Binary);
        Assert.Equal(FrameKind.Binary, (await ReadAsync(reader)).Kind);
        Assert.True(Fits(room, 150_000));

        var sending = pair.SendAsync(Blank(2 * Limit));
        Assert.Equal(FrameKind.TooLarge, (await ReadAsync(reader)).Kind);
        await sending;
        Assert.True(Fits(room, 150_000));

        await pair.SendAsync(Blank(90_000), isWhole: false);
        pair.Break();
        Assert.Equal(FrameKind.Closed, (await ReadAsync(reader)).Kind);
        Assert.True(Fits(room, 150_000));
    }

    [Fact]
    public async Task A_stranger_may_send_little_and_the_limit_grows_when_it_is_known()
    {
        var isKnown = false;
        using var pair = await SocketPair.OpenAsync();
        var reader = new FrameReader(pair.Wire, () => new FrameTerms(isKnown ? Limit : 16_384, null));

        await pair.SendAsync(Blank(16_384));
        Assert.Equal(16_384, (await ReadAsync(reader)).Bytes.Length);
        await pair.SendAsync(Blank(16_385));
        Assert.Equal(FrameKind.TooLarge, (await ReadAsync(reader)).Kind);
        isKnown = true;
        await pair.SendAsync(Blank(16_385));
        Assert.Equal(16_385, (await ReadAsync(reader)).Bytes.Length);
    }

    [Fact]
    public async Task A_frame_on_its_way_is_no_silence_and_its_age_counts_from_its_beginning()
    {
        var time = new ManualTime();
        using var pair = await SocketPair.OpenAsync(time);
        var reading = Reader(pair).ReadAsync();
        Assert.Equal(TimeSpan.Zero, pair.Wire.FrameAge);
        await pair.SendAsync(Blank(10), isWhole: false);
        await Scenarios.Until.TrueAsync(() => Task.FromResult(Advanced(pair.Wire, time)));

        // Further bytes end the silence; the frame is none the younger for it.
        await pair.SendAsync(Blank(10), isWhole: false);
        await Scenarios.Until.TrueAsync(() => Task.FromResult(pair.Wire.Silence == TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(100), pair.Wire.FrameAge);

        await pair.SendAsync(Blank(10));
        Assert.Equal(30, (await reading).Bytes.Length);
        Assert.Equal(TimeSpan.Zero, pair.Wire.FrameAge);
    }

    // The clock stands still until the frame has begun, which nothing signals.
    private static bool Advanced(SocketWire wire, ManualTime time)
    {
        time.Advance(TimeSpan.FromTicks(1));
        if (wire.FrameAge == TimeSpan.Zero)
        {
            return false;
        }

        time.Advance(TimeSpan.FromSeconds(100) - wire.FrameAge);
        return true;
    }

    private static bool Fits(IncomingRoom room, int bytes)
    {
        var lease = room.Enter(Tenant);
        var fits = lease.TryReach(bytes);
        lease.Release();
        return fits;
    }

    private static FrameReader Reader(SocketPair pair, IncomingRoom? room = null) =>
        new(pair.Wire, () => new FrameTerms(Limit, (room ?? new IncomingRoom(1 << 30, 1 << 30)).Enter(Tenant)));

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
