using System.Net.WebSockets;
using Microsoft.Extensions.Options;
using Platform.Api;
using Platform.Api.Sockets;
using Platform.Catalog;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Api.Sockets;

public sealed class OpenSocketsTests
{
    private readonly ManualTime time = new();
    private readonly Sessions sessions;
    private readonly OpenSockets sockets;

    public OpenSocketsTests()
    {
        var options = Options.Create(new SocketOptions { MaxSockets = 2, MaxStrangers = 3 });
        sessions = new Sessions(options, time);
        var json = new ErrorJson(Options.Create(new ApiOptions()), Options.Create(new StorageOptions { PublicBaseUrl = "http://x" }));
        sockets = new OpenSockets(sessions, new SocketFrames(new Envelope(json, ErrorTable.Load(SchemaFiles.Embedded()))), options, time);
    }

    [Fact]
    public async Task A_socket_is_closed_120_seconds_after_its_last_frame()
    {
        var (pair, state) = await OpenAsync(isMember: true);
        using var owned = pair;
        time.Advance(TimeSpan.FromSeconds(60));
        state.Wire.Touch();

        time.Advance(TimeSpan.FromSeconds(119.9));
        sockets.Sweep();
        Assert.False(state.Wire.IsClosing);
        time.Advance(TimeSpan.FromSeconds(0.1));
        sockets.Sweep();

        Assert.Null(await pair.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, pair.Client.CloseStatus);
    }

    [Fact]
    public async Task A_frame_of_the_server_counts_as_well()
    {
        var (pair, state) = await OpenAsync(isMember: true);
        using var owned = pair;
        time.Advance(TimeSpan.FromSeconds(119));
        await state.Wire.SendAsync("hello"u8.ToArray());

        time.Advance(TimeSpan.FromSeconds(119));
        sockets.Sweep();

        Assert.False(state.Wire.IsClosing);
    }

    [Fact]
    public async Task A_frame_may_come_slowly_but_not_for_ever()
    {
        var (pair, state) = await OpenAsync(isMember: true);
        using var owned = pair;
        state.Wire.BeginFrame();
        for (var second = 0; second < 299; second += 23)
        {
            time.Advance(TimeSpan.FromSeconds(23));
            state.Wire.Touch();
        }

        sockets.Sweep();
        Assert.False(state.Wire.IsClosing);
        time.Advance(TimeSpan.FromSeconds(1));
        sockets.Sweep();

        Assert.Null(await pair.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, pair.Client.CloseStatus);
    }

    [Fact]
    public async Task Strangers_drive_each_other_out_and_nobody_who_is_known()
    {
        var arrived = new List<(SocketPair Pair, SocketState State)>();
        foreach (var isMember in (bool[])[true, false, false, false, true, false])
        {
            arrived.Add(await OpenAsync(isMember));
        }

        // Six have come: of the three older ones those who are strangers still had to go.
        Assert.Equal(
            [WebSocketState.Open, WebSocketState.Aborted, WebSocketState.Aborted, WebSocketState.Open, WebSocketState.Open, WebSocketState.Open],
            arrived.Select(one => one.State.Wire.Socket.State));
        arrived.ForEach(one => one.Pair.Dispose());
    }

    [Fact]
    public async Task A_stranger_has_120_seconds_whatever_it_sends()
    {
        var (pair, state) = await OpenAsync(isMember: false);
        using var owned = pair;
        time.Advance(TimeSpan.FromSeconds(120));
        state.Wire.Touch();

        sockets.Sweep();

        Assert.Null(await pair.ReceiveAsync());
    }

    [Fact]
    public async Task A_refused_client_has_ten_seconds_from_the_first_refusal_unless_it_gets_in()
    {
        var (pair, state) = await OpenAsync(isMember: false);
        var (late, admitted) = await OpenAsync(isMember: false);
        using var one = pair;
        using var two = late;
        state.Refuse();
        admitted.Refuse();
        time.Advance(TimeSpan.FromSeconds(9.9));
        state.Refuse();
        admitted.Admit(MemberOf(admitted));
        sockets.Sweep();
        Assert.False(state.Wire.IsClosing);

        time.Advance(TimeSpan.FromSeconds(0.1));
        sockets.Sweep();

        Assert.Null(await pair.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, pair.Client.CloseStatus);
        Assert.False(admitted.Wire.IsClosing);
    }

    [Fact]
    public async Task A_client_that_does_not_answer_the_close_is_cut_off()
    {
        var (pair, state) = await OpenAsync(isMember: false);
        using var owned = pair;
        await state.Wire.CloseAsync(WebSocketCloseStatus.NormalClosure, "");
        time.Advance(TimeSpan.FromSeconds(5));
        sockets.Sweep();
        Assert.Equal(WebSocketState.CloseSent, state.Wire.Socket.State);

        time.Advance(TimeSpan.FromSeconds(0.1));
        sockets.Sweep();

        Assert.Equal(WebSocketState.Aborted, state.Wire.Socket.State);
    }

    [Fact]
    public async Task The_process_takes_so_many_and_none_while_it_stops()
    {
        var (first, state) = await OpenAsync(isMember: true);
        using var one = first;
        Assert.False(sockets.IsFull);
        var (second, _) = await OpenAsync(isMember: true);
        using var two = second;
        Assert.True(sockets.IsFull);
        sockets.Remove(state);
        Assert.False(sockets.IsFull);
        Assert.False(state.Member!.Session.IsAttached);

        await sockets.StopAsync();

        Assert.True(sockets.IsFull);
        Assert.Null(await second.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, second.Client.CloseStatus);
    }

    [Fact]
    public async Task A_stop_waits_for_tasks_under_way_but_not_for_ever()
    {
        var (pair, state) = await OpenAsync(isMember: true);
        using var owned = pair;
        Assert.True(state.UnderWay.TryEnter(1));
        Assert.False(state.UnderWay.TryEnter(1));

        var stopping = sockets.StopAsync();
        await time.WaitForTimersAsync();
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(stopping.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        await stopping.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Null(await pair.ReceiveAsync());
    }

    private async Task<(SocketPair Pair, SocketState State)> OpenAsync(bool isMember)
    {
        var pair = await SocketPair.OpenAsync(time);
        var state = new SocketState(pair.Wire, time);
        if (isMember)
        {
            state.Admit(MemberOf(state));
        }

        sockets.Add(state);
        return (pair, state);
    }

    private SocketMember MemberOf(SocketState state) =>
        new(sessions.Open(Guid.NewGuid(), null, state.Wire)!, "key", Guid.NewGuid());
}
