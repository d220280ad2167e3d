using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Persistence;
using Platform.Tenants;
using Platform.Tenants.Limits;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Tenants.Limits;

public sealed class ExchangeRatesTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static readonly LimitsOptions Limits = new() { RequestsPerSecond = 10, Burst = 20, PollsPerRequest = 3 };

    private readonly Guid tenant = Guid.NewGuid();
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_node_lets_through_is_gone_on_the_others_after_an_exchange()
    {
        var (one, other) = (NewNode(), NewNode());
        Assert.Equal((15, 1), (one.Take(15), other.Take(1)));

        await one.ExchangeAsync();
        await other.ExchangeAsync();

        Assert.Equal(4, other.Take(100));
    }

    [Fact]
    public async Task A_node_that_joins_late_learns_what_is_left()
    {
        var one = NewNode();
        one.Take(20);
        await one.ExchangeAsync();
        var late = NewNode();
        Assert.Equal(1, late.Take(1));

        await late.ExchangeAsync();

        Assert.Equal(0, late.Take(100));
    }

    [Fact]
    public async Task What_was_let_through_too_much_before_an_exchange_is_owed_and_paid_back()
    {
        var nodes = Enumerable.Range(0, 3).Select(_ => NewNode()).ToList();
        Assert.Equal(60, nodes.Sum(node => node.Take(100)));
        await ExchangeAsync(nodes);
        Assert.Equal(0, nodes.Sum(node => node.Take(100)));

        // The row's clock is the database's: forty owed at ten a second are four seconds, and one more gives ten tokens.
        await PassAsync(seconds: 4);
        await ExchangeAsync(nodes);
        Assert.InRange(nodes.Sum(node => node.Take(100)), 0, 3);
        await PassAsync(seconds: 1);
        await ExchangeAsync(nodes);

        Assert.InRange(nodes[0].Take(100), 7, 11);
    }

    [Fact]
    public async Task Over_a_long_time_all_nodes_together_let_the_rate_through_and_not_each()
    {
        var nodes = Enumerable.Range(0, 4).Select(_ => NewNode()).ToList();
        var taken = 0;
        for (var second = 0; second < 60; second++)
        {
            for (var tenth = 0; tenth < 10; tenth++)
            {
                taken += nodes.Sum(node => node.Take(5));
                time.Advance(TimeSpan.FromSeconds(0.1));
            }

            await PassAsync(seconds: 1);
            await ExchangeAsync(nodes);
        }

        // The burst and sixty seconds of the rate; the bound that the README states adds what four nodes may overdraw between two exchanges.
        Assert.InRange(taken, 560, 620 + (3 * 30));
        Assert.InRange(await LevelAsync(), -90, 20);
    }

    [Fact]
    public async Task Nodes_that_are_used_alike_refill_alike()
    {
        var (one, other) = (NewNode(), NewNode());
        Assert.Equal(2, one.Take(1) + other.Take(1));
        await ExchangeAsync([one, other]);

        // Eight left, and the row's own refill stopped; two rounds later the nodes know that each of them is used half of the time.
        await spine.ExecuteAsync("update request_rates set level = 8, at = now() + interval '1 hour' where tenant_id = $1", tenant);
        await ExchangeAsync([one, other]);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(4, one.Take(2) + other.Take(2));
            await ExchangeAsync([one, other]);
        }

        Assert.Equal(0, await LevelAsync());
        one.Take(100);
        Assert.Equal(0, other.Take(100));
        time.Advance(TimeSpan.FromSeconds(1));

        // Ten a second in all; alone each would have refilled ten.
        Assert.Equal((5, 5), (one.Take(100), other.Take(100)));
    }

    [Fact]
    public async Task Tasks_and_polls_of_many_tenants_go_in_one_statement()
    {
        var one = NewNode();
        var tenants = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToList();
        foreach (var each in tenants)
        {
            one.Limiter.Take(each, TenantLimits.Default, RequestKind.Task);
            one.Limiter.Take(each, TenantLimits.Default, RequestKind.Poll);
        }

        await one.ExchangeAsync();

        Assert.Equal(
            "19 59",
            await spine.AskAsync<string>(
                "select string_agg(distinct level::text, ' ') from request_rates where tenant_id = any($1)", tenants.ToArray()));
        Assert.Equal(100, await spine.AskAsync<long>("select count(*) from request_rates where tenant_id = any($1)", tenants.ToArray()));
    }

    [Fact]
    public async Task Without_the_database_a_node_goes_on_alone_and_owes_nothing_for_it()
    {
        using var way = new CutConnection(spine.ConnectionString);
        await using var database = new Database(way.ConnectionString, maxConnections: 1);
        var node = NewNode(database);
        node.Take(1);
        await node.ExchangeAsync();
        way.Cut();
        Assert.Equal(19, node.Take(100));
        await node.ExchangeAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, node.Take(100));

        await node.ExchangeAsync();

        Assert.InRange(await LevelAsync(), -1, 10.5);
    }

    private static async Task ExchangeAsync(IEnumerable<Node> nodes)
    {
        foreach (var node in nodes)
        {
            await node.ExchangeAsync();
        }
    }

    private Node NewNode(Database? database = null) => new(tenant, RateLimiterTests.NewLimiter(time, Limits), database ?? spine.Database, time);

    // Time in the row is the database's, which no test can move; so the row is moved back instead.
    private Task PassAsync(double seconds) => spine.ExecuteAsync(
        "update request_rates set at = at - make_interval(secs => $2) where tenant_id = $1", tenant, seconds);

    private Task<double> LevelAsync() => spine.AskAsync<double>("select level from request_rates where tenant_id = $1 and kind = 0", tenant);

    private sealed class Node(Guid tenant, RateLimiter limiter, Database database, TimeProvider time)
    {
        public RateLimiter Limiter => limiter;

        public async Task ExchangeAsync()
        {
            using var exchange = new ExchangeRates(limiter, database, Options.Create(Limits), time, NullLogger<ExchangeRates>.Instance);
            await exchange.RunOnceAsync(Token);
        }

        public int Take(int most) => Enumerable.Range(0, most)
            .Count(_ => limiter.Take(tenant, TenantLimits.Default, RequestKind.Task).Allowed);
    }
}
