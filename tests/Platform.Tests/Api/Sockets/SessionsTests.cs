using Microsoft.Extensions.Options;
using Platform.Api.Sockets;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Api.Sockets;

public sealed class SessionsTests : IAsyncLifetime
{
    private static readonly Guid Tenant = Guid.NewGuid();

    private readonly ManualTime time = new();
    private readonly List<SocketPair> pairs = [];
    private readonly Sessions sessions;

    public SessionsTests() => sessions = new Sessions(Options.Create(new SocketOptions { MaxPerTenant = 3 }), time);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        pairs.ForEach(pair => pair.Dispose());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_tenant_has_so_many_sockets_and_no_more_and_the_next_tenant_as_many()
    {
        var wires = await WiresAsync(5);
        var own = wires.Take(3).Select(wire => sessions.Open(Tenant, null, wire)!).ToList();

        Assert.Null(sessions.Open(Tenant, null, wires[3]));
        Assert.NotNull(sessions.Open(Guid.NewGuid(), null, wires[4]));
        own[1].Leave(wires[1]);
        Assert.NotNull(sessions.Open(Tenant, null, wires[3]));
    }

    [Fact]
    public async Task A_session_is_found_again_by_its_own_tenant_only()
    {
        var wires = await WiresAsync(3);
        var session = sessions.Open(Tenant, null, wires[0])!;
        session.Leave(wires[0]);

        Assert.NotSame(session, sessions.Open(Guid.NewGuid(), session.Id, wires[1]));
        Assert.Same(session, sessions.Open(Tenant, session.Id, wires[2]));
    }

    [Fact]
    public async Task A_held_session_can_be_taken_over_by_a_tenant_that_is_full()
    {
        var wires = await WiresAsync(4);
        var held = wires.Take(3).Select(wire => sessions.Open(Tenant, null, wire)!).ToList();

        Assert.Same(held[0], sessions.Open(Tenant, held[0].Id, wires[3]));

        Assert.Null(await pairs[0].ReceiveAsync());
    }

    [Fact]
    public async Task A_kept_session_does_not_let_a_full_tenant_in()
    {
        var wires = await WiresAsync(5);
        var first = sessions.Open(Tenant, null, wires[0])!;
        first.Leave(wires[0]);
        foreach (var wire in wires.Skip(1).Take(3))
        {
            sessions.Open(Tenant, null, wire);
        }

        Assert.Null(sessions.Open(Tenant, first.Id, wires[4]));
    }

    [Fact]
    public async Task Absent_clients_are_forgotten_after_120_seconds_and_present_ones_never()
    {
        var wires = await WiresAsync(3);
        var (gone, here) = (sessions.Open(Tenant, null, wires[0])!, sessions.Open(Tenant, null, wires[1])!);
        gone.Leave(wires[0]);
        time.Advance(TimeSpan.FromSeconds(120));
        sessions.Expire();
        Assert.Equal(2, sessions.Count);

        time.Advance(TimeSpan.FromSeconds(1));
        sessions.Expire();

        Assert.Equal(1, sessions.Count);
        Assert.NotSame(gone, sessions.Open(Tenant, gone.Id, wires[2]));
        Assert.True(here.IsAttached);
    }

    [Fact]
    public async Task Opening_and_breaking_sockets_keeps_a_bounded_number_of_sessions_the_newest()
    {
        var wires = await WiresAsync(20);
        var all = new List<Session>();
        foreach (var wire in wires)
        {
            all.Add(sessions.Open(Tenant, null, wire)!);
            all[^1].Leave(wire);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(6, sessions.Count);
        Assert.Same(all[^6], sessions.Open(Tenant, all[^6].Id, wires[0]));
        Assert.NotSame(all[^7], sessions.Open(Tenant, all[^7].Id, wires[1]));
    }

    private async Task<List<SocketWire>> WiresAsync(int count)
    {
        while (pairs.Count < count)
        {
            pairs.Add(await SocketPair.OpenAsync());
        }

        return pairs.ConvertAll(pair => pair.Wire);
    }
}
