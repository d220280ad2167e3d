using Microsoft.Extensions.Options;
using Platform.Delivery.Upload;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Delivery.Upload;

public sealed class UploadRoomTests
{
    private readonly ManualTime time = new();
    private readonly UploadRoom room;

    public UploadRoomTests() => room = new UploadRoom(
        Options.Create(new UploadOptions { MaxInFlightEndpoint = 2, MaxInFlightTenant = 3, MaxInFlight = 5 }), time);

    [Fact]
    public void A_server_takes_so_many_and_one_that_leaves_makes_room()
    {
        var tenant = Guid.NewGuid();
        var first = Entered(tenant, "a");
        Entered(tenant, "a");
        Assert.Null(room.Enter(new UploadTarget(tenant, "a")).Place);
        Entered(tenant, "b");

        first.Dispose();
        first.Dispose();

        Entered(tenant, "a");
        Assert.Null(room.Enter(new UploadTarget(tenant, "a")).Place);
    }

    [Fact]
    public void A_tenant_has_so_many_places_whichever_servers_it_names()
    {
        var tenant = Guid.NewGuid();
        foreach (var server in new[] { "a", "b", "c" })
        {
            Entered(tenant, server);
        }

        Assert.Null(room.Enter(new UploadTarget(tenant, "d")).Place);
        Entered(Guid.NewGuid(), "d");
    }

    [Fact]
    public void In_a_full_house_a_tenant_without_a_place_still_gets_one_and_no_second()
    {
        foreach (var _ in Enumerable.Range(0, 5))
        {
            Entered(Guid.NewGuid(), "a");
        }

        var late = Guid.NewGuid();
        Entered(late, "a");

        Assert.Null(room.Enter(new UploadTarget(late, "b")).Place);
    }

    [Fact]
    public void The_same_server_of_two_tenants_is_two()
    {
        var tenant = Guid.NewGuid();
        Entered(tenant, "a");
        Entered(tenant, "a");

        Entered(Guid.NewGuid(), "a");
    }

    [Fact]
    public void Who_is_turned_away_comes_back_no_faster_than_the_server_lets_go()
    {
        var tenant = Guid.NewGuid();
        var (first, _) = (Entered(tenant, "a"), Entered(tenant, "a"));
        time.Advance(TimeSpan.FromSeconds(20));

        // Two places of which each is kept for 20 s at least: one gets free every 10 s.
        Assert.Equal([10.0, 20.0, 30.0], Enumerable.Range(0, 3).Select(_ => room.Enter(new UploadTarget(tenant, "a")).ComeAgain.TotalSeconds));

        first.Dispose();
        Entered(tenant, "a");
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(30, room.Enter(new UploadTarget(tenant, "a")).ComeAgain.TotalSeconds, tolerance: 0.1);
    }

    [Fact]
    public void However_many_wait_none_is_sent_away_for_longer_than_five_minutes_or_shorter_than_a_second()
    {
        var tenant = Guid.NewGuid();
        Entered(tenant, "a");
        Entered(tenant, "a");
        Assert.Equal(TimeSpan.FromSeconds(1), room.Enter(new UploadTarget(tenant, "a")).ComeAgain);
        time.Advance(TimeSpan.FromSeconds(60));

        var waits = Enumerable.Range(0, 1000).Select(_ => room.Enter(new UploadTarget(tenant, "a")).ComeAgain.TotalSeconds).ToList();

        Assert.All(waits, static wait => Assert.InRange(wait, 1, 300));
        Assert.True(waits.Distinct().Count() > 100, "They must not come back together.");
    }

    [Fact]
    public void What_nobody_is_on_the_way_to_is_forgotten()
    {
        var tenant = Guid.NewGuid();
        var places = Enumerable.Range(0, 3).Select(i => Entered(tenant, $"server {i}")).ToList();
        room.Enter(new UploadTarget(tenant, "another"));
        Assert.Equal(3, room.Known);

        places.ForEach(static place => place.Dispose());

        Assert.Equal(0, room.Known);
    }

    [Theory]
    [InlineData("https://bucket.example.com/a/{index}?x=1", "bucket.example.com")]
    [InlineData("http://127.0.0.1:8080/{audioUUID}", "127.0.0.1:8080")]
    [InlineData("http://{index}.example.com/", "0.example.com")]
    public void A_server_is_its_host_and_port(string endpoint, string server) =>
        Assert.Equal(server, UploadTarget.Of(Guid.NewGuid(), endpoint).Server);

    private UploadPlace Entered(Guid tenant, string server)
    {
        var (place, _) = room.Enter(new UploadTarget(tenant, server));
        Assert.NotNull(place);
        return place;
    }
}
