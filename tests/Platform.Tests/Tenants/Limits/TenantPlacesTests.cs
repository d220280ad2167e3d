using Platform.Tenants.Limits;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Tenants.Limits;

public sealed class TenantPlacesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ManualTime time = new();
    private readonly TenantPlaces places;
    private readonly Guid crowd = Guid.NewGuid();
    private readonly Guid other = Guid.NewGuid();

    public TenantPlacesTests() => places = new TenantPlaces(places: 3, placesPerTenant: 2, time);

    [Fact]
    public async Task A_tenant_gets_its_part_at_once_and_leaves_the_rest_to_others()
    {
        Assert.NotNull(await places.EnterAsync(crowd, TimeSpan.Zero));
        Assert.NotNull(await places.EnterAsync(crowd, TimeSpan.Zero));
        Assert.Null(await places.EnterAsync(crowd, TimeSpan.Zero));
        Assert.NotNull(await places.EnterAsync(other, TimeSpan.Zero));
        Assert.Null(await places.EnterAsync(Guid.NewGuid(), TimeSpan.Zero));
    }

    [Fact]
    public async Task A_crowd_that_waits_for_its_own_places_stands_in_nobody_elses_way()
    {
        var first = await places.EnterAsync(crowd, Patience);
        await places.EnterAsync(crowd, Patience);
        var waiting = Enumerable.Range(0, 5).Select(_ => places.EnterAsync(crowd, Patience)).ToList();

        var others = (await places.EnterAsync(other, Patience).SoonAsync())!;
        var late = places.EnterAsync(other, Patience);
        Assert.False(late.IsCompleted);

        // The place that the other tenant gives goes to its own next one, for the crowd has as many as it may.
        others.Dispose();
        Assert.NotNull(await late.SoonAsync());
        Assert.All(waiting, static one => Assert.False(one.IsCompleted));
        first!.Dispose();
        Assert.NotNull(await waiting[0].SoonAsync());
        Assert.False(waiting[1].IsCompleted);
    }

    [Fact]
    public async Task Who_waits_too_long_goes_without_and_takes_nothing()
    {
        var first = await places.EnterAsync(crowd, Patience);
        await places.EnterAsync(crowd, Patience);
        var waiting = places.EnterAsync(crowd, Patience);
        await time.WaitForTimersAsync();

        time.Advance(Patience);

        Assert.Null(await waiting.SoonAsync());
        first!.Dispose();
        Assert.NotNull(await places.EnterAsync(crowd, TimeSpan.Zero));
        Assert.Null(await places.EnterAsync(crowd, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_place_is_given_back_once()
    {
        var first = await places.EnterAsync(crowd, TimeSpan.Zero);
        await places.EnterAsync(crowd, TimeSpan.Zero);
        first!.Dispose();
        first.Dispose();
        Assert.NotNull(await places.EnterAsync(crowd, TimeSpan.Zero));
        Assert.Null(await places.EnterAsync(crowd, TimeSpan.Zero));
    }

    [Fact]
    public async Task Under_a_storm_there_are_never_more_than_there_may_be_and_all_get_in()
    {
        var storm = new TenantPlaces(4, 2, TimeProvider.System);
        var tenants = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToArray();
        var (inside, highest) = (0, 0);
        var gate = new Lock();

        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(async () =>
        {
            using var place = await storm.EnterAsync(tenants[i % 5], TimeSpan.FromSeconds(20));
            Assert.NotNull(place);
            lock (gate)
            {
                highest = Math.Max(highest, ++inside);
            }

            await Task.Yield();
            lock (gate)
            {
                inside--;
            }
        })));

        Assert.InRange(highest, 1, 4);
        Assert.Equal(0, inside);
    }
}
