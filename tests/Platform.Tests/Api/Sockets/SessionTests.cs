using System.Text;
using Platform.Api.Sockets;
using Platform.Delivery;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Api.Sockets;

public sealed class SessionTests
{
    private readonly ManualTime time = new();
    private readonly Session session;

    public SessionTests() => session = new Session(Guid.NewGuid(), queueBytes: 100, time);

    [Fact]
    public async Task Nothing_flows_before_the_start_and_everything_in_order_after_it()
    {
        using var pair = await SocketPair.OpenAsync();
        session.Put(Text("first"));
        Assert.Null(session.Take(pair.Wire));
        session.Put(Text("second"));
        await pair.Wire.SendAsync(Text("hello"));

        session.Start();
        session.Put(Text("third"));

        Assert.Equal("hello", await pair.ReceiveAsync());
        foreach (var expected in (string[])["first", "second", "third"])
        {
            Assert.Equal(expected, await pair.ReceiveAsync());
        }
    }

    [Fact]
    public async Task What_a_broken_socket_did_not_take_goes_to_the_next_one()
    {
        var huge = new string('x', 8 * 1024 * 1024);
        using var broken = await SocketPair.OpenAsync();
        session.Take(broken.Wire);
        session.Start();
        session.Put(Text(huge));
        session.Put(Text("after"));
        broken.Break();
        await Scenarios.Until.TrueAsync(() => Task.FromResult(!session.IsAttached));

        using var next = await SocketPair.OpenAsync();
        session.Take(next.Wire);
        session.Start();

        Assert.Equal(huge.Length, (await next.ReceiveAsync())!.Length);
        Assert.Equal("after", await next.ReceiveAsync());
        await session.EmptyAsync().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_socket_that_lost_the_session_does_not_let_go_of_it()
    {
        using var first = await SocketPair.OpenAsync();
        using var second = await SocketPair.OpenAsync();
        session.Take(first.Wire);

        Assert.Same(first.Wire, session.Take(second.Wire));
        session.Leave(first.Wire);

        Assert.True(session.IsAttached);
        session.Leave(second.Wire);
        Assert.False(session.IsAttached);
    }

    [Fact]
    public void Absence_counts_from_the_last_socket()
    {
        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal(7, session.Absence.TotalSeconds);
    }

    [Fact]
    public async Task A_frame_is_made_when_there_is_room_and_one_at_a_time()
    {
        var made = 0;
        var puts = Enumerable.Range(0, 5).Select(_ => session.PutAsync(() =>
        {
            made++;
            return Task.FromResult<ReplyText?>(Text(new string('x', 80)));
        })).ToList();

        // 80 of 100 bytes leave room, 160 do not.
        Assert.Equal(2, made);
        using var pair = await SocketPair.OpenAsync();
        session.Take(pair.Wire);
        session.Start();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(80, (await pair.ReceiveAsync())!.Length);
        }

        await Task.WhenAll(puts).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(5, made);
    }

    [Fact]
    public async Task The_end_drops_what_waits_and_releases_who_waits()
    {
        session.Put(Text(new string('x', 200)));
        var made = false;
        var waiting = session.PutAsync(() =>
        {
            made = true;
            return Task.FromResult<ReplyText?>(Text("late"));
        });
        var room = session.RoomAsync();

        session.End();

        await waiting.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.False(await room);
        Assert.False(made);
        session.Put(Text("later"));
        using var pair = await SocketPair.OpenAsync();
        session.Take(pair.Wire);
        session.Start();
        await pair.Wire.SendAsync(Text("only this"));
        Assert.Equal("only this", await pair.ReceiveAsync());
    }

    [Fact]
    public async Task A_client_that_reads_nothing_loses_the_socket_when_its_patience_is_over_and_nothing_else()
    {
        var options = new SocketOptions { SendSeconds = 30 };
        using var deaf = await SocketPair.OpenAsync(time, options);
        session.Take(deaf.Wire);
        session.Start();
        session.Put(Text(new string('x', 32 * 1024 * 1024)));

        // Every piece has a patience of its own, so the clock only moves when a piece is stuck.
        await Scenarios.Until.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(31));
            return Task.FromResult(!session.IsAttached);
        });

        using var next = await SocketPair.OpenAsync();
        session.Take(next.Wire);
        session.Start();
        Assert.Equal(32 * 1024 * 1024, (await next.ReceiveAsync())!.Length);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
