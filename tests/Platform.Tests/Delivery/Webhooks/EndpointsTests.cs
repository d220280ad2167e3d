using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

public sealed class EndpointsTests
{
    private readonly ManualTime time = new();
    private readonly WebhookOptions options = new()
    {
        MaxInFlight = 100,
        MaxInFlightSlow = 300,
        MaxInFlightEndpoint = 64,
        BreakerFailures = 5,
        BreakerSeconds = 60,
    };

    private readonly Endpoints endpoints;

    public EndpointsTests() => endpoints = new Endpoints(Options.Create(options), time, NullLogger<Endpoints>.Instance);

    [Fact]
    public void An_endpoint_earns_one_more_attempt_at_a_time_with_each_success()
    {
        var key = Key("a");
        Succeed(key, 3);

        Assert.Equal(EndpointHealth.FirstLimit + 3, endpoints.FindRoom().Allowed[key]);

        Succeed(key, 200);
        Assert.Equal(options.MaxInFlightEndpoint, endpoints.FindRoom().Allowed[key]);
    }

    [Fact]
    public void What_is_in_flight_takes_from_its_own_endpoint_and_from_the_whole()
    {
        var (busy, idle) = (Key("busy"), Key("idle"));
        Succeed(idle, 1);
        Begin(busy, 8);

        var room = endpoints.FindRoom();

        Assert.Equal((92, 0, 9), (room.Total, room.Allowed[busy], room.Allowed[idle]));
    }

    [Fact]
    public void Silent_receivers_leave_the_room_of_the_quick_ones_after_half_a_second()
    {
        for (var i = 0; i < 12; i++)
        {
            Begin(Key($"silent {i}"), 8);
        }

        Assert.Equal(4, endpoints.FindRoom().Total);
        time.Advance(TimeSpan.FromSeconds(0.6));
        var room = endpoints.FindRoom();

        // All the room of the quick is free again, and what is left of the other is for whichever of the slow needs it.
        Assert.Equal(100 + (300 - 96), room.Total);
        Assert.All(room.Allowed.Values, allowed => Assert.Equal(64 - 8, allowed));
    }

    [Fact]
    public void No_number_of_dead_receivers_takes_the_room_of_the_living()
    {
        for (var i = 0; i < 1000; i++)
        {
            Fail(Key($"dead {i}"), 1);
        }

        var room = endpoints.FindRoom();
        Assert.Equal(300, room.Allowed.Values.Sum());
        Assert.Equal(400, room.Total);
        foreach (var (key, allowed) in room.Allowed)
        {
            Begin(key, allowed);
        }

        room = endpoints.FindRoom();
        Assert.Equal(100, room.Total);
        Assert.All(room.Allowed.Values, allowed => Assert.Equal(0, allowed));
    }

    [Fact]
    public void A_tenant_with_thousands_of_dead_receivers_leaves_places_to_the_slow_ones_of_others()
    {
        options.MaxInFlightSlowTenant = 200;
        for (var i = 0; i < 250; i++)
        {
            Begin(Key($"dead {i}"), 1);
        }

        var other = new EndpointKey(Guid.NewGuid(), "slow");
        Begin(other, 1);
        time.Advance(TimeSpan.FromSeconds(0.6));

        var room = endpoints.FindRoom();

        Assert.All(room.Allowed.Where(one => one.Key != other).Select(static one => one.Value), static allowed => Assert.Equal(0, allowed));
        Assert.Equal(0, room.Allowed[EndpointKey.Others(Key("any").TenantId)]);
        Assert.True(room.Allowed[other] >= 8, $"{room.Allowed[other]}");
        Assert.Equal(100 + room.Allowed[other], room.Total);
    }

    [Fact]
    public void A_slow_endpoint_may_use_what_the_others_need_not_but_never_their_sure_places()
    {
        var heavy = Enumerable.Range(0, 4).Select(i => Key($"hanging {i}")).ToList();
        for (var i = 0; i < 10; i++)
        {
            Fail(Key($"failing {i}"), 1);
        }

        foreach (var key in heavy)
        {
            Begin(key, 8);
        }

        time.Advance(TimeSpan.FromSeconds(1));
        var room = endpoints.FindRoom();
        Assert.All(heavy, key => Assert.Equal(56, room.Allowed[key]));
        heavy.ForEach(key => Begin(key, 54));

        room = endpoints.FindRoom();
        Assert.Equal(300 - (4 * 62), room.Allowed.Where(one => !heavy.Contains(one.Key)).Sum(static one => one.Value));
        Assert.All(heavy, key => Assert.Equal(0, room.Allowed[key]));
    }

    [Fact]
    public void One_claim_spreads_the_quick_room_over_all_that_wait()
    {
        var (quick, failing) = (Key("quick"), Key("failing"));
        Succeed(quick, 30);
        Fail(failing, 1);

        var room = endpoints.FindRoom(visited: 25);

        Assert.Equal((4, 4, 64), (room.Allowed[quick], room.AllowedUnknown, room.Allowed[failing]));
        Assert.Equal(2, endpoints.FindRoom(visited: 1000).Allowed[quick]);
    }

    [Fact]
    public void Where_places_are_fewer_than_dead_receivers_they_take_turns()
    {
        for (var i = 0; i < 600; i++)
        {
            Fail(Key($"dead {i}"), 1);
        }

        var served = new HashSet<EndpointKey>();
        for (var turn = 0; turn < 2; turn++)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            foreach (var (key, _) in endpoints.FindRoom().Allowed.Where(one => one.Value > 0))
            {
                served.Add(key);
                Fail(key, 1);
            }
        }

        Assert.Equal(600, served.Count);
    }

    [Fact]
    public void The_breaker_leaves_one_attempt_at_a_time_to_what_fails_often_and_long_and_a_success_closes_it()
    {
        var key = Key("failing");
        Fail(key, 20);
        Assert.Equal(options.MaxInFlightEndpoint, endpoints.FindRoom().Allowed[key]);

        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(1, endpoints.FindRoom().Allowed[key]);
        Begin(key, 1);
        Assert.Equal(0, endpoints.FindRoom().Allowed[key]);

        endpoints.Answer(key, isDelivered: true);
        endpoints.End(key);
        Assert.Equal(EndpointHealth.FirstLimit + 1, endpoints.FindRoom().Allowed[key]);
    }

    [Fact]
    public void A_flood_of_new_silent_receivers_is_let_in_one_by_one_and_ends_at_a_bound()
    {
        var i = 0;
        while (endpoints.FindRoom() is { Total: > 0 } room)
        {
            Begin(Key($"new {i++}"), Math.Min(room.AllowedUnknown, room.Total));
            if (i % 10 == 0)
            {
                time.Advance(TimeSpan.FromSeconds(0.6));
            }

            Assert.True(i < 1000, "There is no end to them.");
        }

        // 300 by eights fill the slow room, and four times the quick room follow, each receiver with one.
        Assert.InRange(i, 300, 500);
    }

    [Fact]
    public void Forgets_idle_endpoints_so_that_memory_stays_bounded()
    {
        for (var i = 0; i < 30_000; i++)
        {
            Succeed(Key($"{i}"), 1);
            time.Advance(TimeSpan.FromMilliseconds(1));
            if (i % 1000 == 0)
            {
                endpoints.FindRoom();
            }
        }

        Assert.True(endpoints.Known <= 11_000, $"{endpoints.Known} are remembered");
        time.Advance(TimeSpan.FromHours(1));
        endpoints.FindRoom();
        Assert.Equal(0, endpoints.Known);
    }

    private static EndpointKey Key(string name) => new(Guid.Empty, name);

    private void Begin(EndpointKey key, int count)
    {
        for (var i = 0; i < count; i++)
        {
            endpoints.Begin(key);
        }
    }

    private void Succeed(EndpointKey key, int count) => Run(key, count, isDelivered: true);

    private void Fail(EndpointKey key, int count) => Run(key, count, isDelivered: false);

    private void Run(EndpointKey key, int count, bool isDelivered)
    {
        for (var i = 0; i < count; i++)
        {
            endpoints.Begin(key);
            endpoints.Answer(key, isDelivered);
            endpoints.End(key);
        }
    }
}
