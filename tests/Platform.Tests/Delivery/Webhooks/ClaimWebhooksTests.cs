using Platform.Delivery.Webhooks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

public sealed class ClaimWebhooksTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Takes_the_oldest_of_each_endpoint_up_to_its_allowance_and_a_few_of_an_unknown_one()
    {
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        var known = await stage.DueAsync(tenant, "https://known.example/a", 20);
        await stage.DueAsync(tenant, "https://unknown.example/", 20);
        await stage.DueAsync(tenant, "https://full.example/", 20);
        var room = new ClaimRoom
        {
            Total = 1000,
            Allowed = new Dictionary<EndpointKey, int>
            {
                [new EndpointKey(tenant, "https://known.example")] = 12,
                [new EndpointKey(tenant, "https://full.example")] = 0,
            },
        };

        var (claimed, _) = await stage.Get<ClaimWebhooks>().RunAsync(room, Cancellation);

        var byEndpoint = claimed.CountBy(static webhook => webhook.Key.Endpoint).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(12, byEndpoint["https://known.example"]);
        Assert.Equal(EndpointHealth.FirstLimit, byEndpoint["https://unknown.example"]);
        Assert.Equal(2, byEndpoint.Count);
        Assert.Equal(known.Take(12).Order(), claimed.Where(one => known.Contains(one.WebhookId)).Select(one => one.WebhookId).Order());
        Assert.All(claimed, static webhook => Assert.Equal((1, 0), (webhook.Attempt, webhook.Step)));
        Assert.True(room.LeavesSomething(claimed));
    }

    [Fact]
    public async Task What_is_said_of_the_others_of_a_tenant_holds_for_those_that_are_not_named_and_for_nobody_elses()
    {
        await using var stage = new WebhookStage(spine);
        var (crowded, free) = (await spine.TenantAsync(), await spine.TenantAsync());
        var named = await stage.DueAsync(crowded, "https://named.example/");
        await stage.DueAsync(crowded, "https://another.example/");
        var others = await stage.DueAsync(free, "https://another.example/");
        var room = new ClaimRoom
        {
            Total = 1000,
            Allowed = new Dictionary<EndpointKey, int>
            {
                [new EndpointKey(crowded, "https://named.example")] = 1,
                [EndpointKey.Others(crowded)] = 0,
            },
        };

        var (claimed, _) = await stage.Get<ClaimWebhooks>().RunAsync(room, Cancellation);

        Assert.Equal([.. new[] { named, others }.Order()], claimed.Select(static webhook => webhook.WebhookId).Order());
    }

    [Fact]
    public async Task A_tenant_that_is_given_nothing_more_is_stepped_over_whole_however_many_endpoints_it_has()
    {
        await using var stage = new WebhookStage(spine);
        Guid[] tenants = [await spine.TenantAsync(), await spine.TenantAsync()];
        Array.Sort(tenants, static (one, other) => string.CompareOrdinal(one.ToString(), other.ToString()));
        var (crowded, free) = (tenants[0], tenants[1]);
        for (var i = 0; i < 300; i++)
        {
            await stage.DueAsync(crowded, $"https://many{i:000}.example/");
        }

        var other = await stage.DueAsync(free, "https://only.example/");
        var named = new EndpointKey(crowded, "https://many299.example");
        var room = new ClaimRoom
        {
            Total = 1000,
            Allowed = new Dictionary<EndpointKey, int> { [EndpointKey.Others(crowded)] = 0, [named] = EndpointHealth.FirstLimit },
        };

        var claim = stage.Get<ClaimWebhooks>();
        var (claimed, _) = await claim.RunAsync(room, Cancellation);

        Assert.Contains(other, claimed.Select(static one => one.WebhookId));
        Assert.Equal([named], claimed.Where(one => one.Key.TenantId == crowded).Select(static one => one.Key));
    }

    [Fact]
    public async Task What_is_leased_by_its_name_comes_along_where_nothing_is_due_behind_the_last_claim()
    {
        await using var stage = new WebhookStage(spine);
        Guid[] tenants = [await spine.TenantAsync(), await spine.TenantAsync()];
        Array.Sort(tenants, static (one, other) => string.CompareOrdinal(one.ToString(), other.ToString()));
        var (crowded, free) = (tenants[0], tenants[1]);
        await stage.DueAsync(free, "https://only.example/");
        var claim = stage.Get<ClaimWebhooks>();
        Assert.Single((await claim.RunAsync(new ClaimRoom { Total = 1 }, Cancellation)).Webhooks);
        var named = await stage.DueAsync(crowded, "https://named.example/");
        var room = new ClaimRoom
        {
            Total = 1,
            Allowed = new Dictionary<EndpointKey, int>
            {
                [EndpointKey.Others(crowded)] = 0, [new EndpointKey(crowded, "https://named.example")] = EndpointHealth.FirstLimit,
            },
        };

        Assert.Equal([named], (await claim.RunAsync(room, Cancellation)).Webhooks.Select(static one => one.WebhookId));

        // The claim that follows begins anew, and is not held where nothing is due.
        var next = await stage.DueAsync(free, "https://only.example/");
        await stage.DueAsync(crowded, "https://named.example/");
        Assert.Contains(next, (await claim.RunAsync(room with { Total = 10 }, Cancellation)).Webhooks.Select(static one => one.WebhookId));
    }

    [Fact]
    public async Task Endpoints_are_of_a_tenant_and_differ_by_scheme_host_and_port()
    {
        await using var stage = new WebhookStage(spine);
        var (one, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        foreach (var url in new[] { "https://a.example/x?y#z", "http://a.example/x", "https://a.example:8443", "https://b.example" })
        {
            await stage.DueAsync(one, url);
        }

        await stage.DueAsync(other, "https://a.example/x");
        var (claimed, _) = await stage.Get<ClaimWebhooks>().RunAsync(new ClaimRoom { Total = 100 }, Cancellation);

        Assert.Equal(5, claimed.Select(static webhook => webhook.Key).Distinct().Count());
        Assert.Contains(new EndpointKey(one, "https://a.example"), claimed.Select(static webhook => webhook.Key));
        Assert.Contains(new EndpointKey(one, "https://a.example:8443"), claimed.Select(static webhook => webhook.Key));
    }

    [Fact]
    public async Task Goes_on_where_the_last_claim_ended_so_that_every_endpoint_has_its_turn()
    {
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        for (var i = 0; i < 30; i++)
        {
            await stage.DueAsync(tenant, $"https://turn{i:00}.example/", 10);
        }

        var claim = stage.Get<ClaimWebhooks>();
        var endpoints = new HashSet<string>(StringComparer.Ordinal);
        for (var turn = 0; turn < 8; turn++)
        {
            endpoints.UnionWith((await claim.RunAsync(new ClaimRoom { Total = 32 }, Cancellation)).Webhooks.Select(one => one.Key.Endpoint));
        }

        Assert.Equal(30, endpoints.Count);
    }

    [Fact]
    public async Task A_backlog_of_endpoints_that_have_no_room_does_not_hide_those_behind_them()
    {
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        var full = new Dictionary<EndpointKey, int>();
        for (var i = 0; i < 300; i++)
        {
            await stage.DueAsync(tenant, $"https://dead{i:000}.example/");
            full[new EndpointKey(tenant, $"https://dead{i:000}.example")] = 0;
        }

        var living = await stage.DueAsync(tenant, "https://living.example/");
        var claim = stage.Get<ClaimWebhooks>();
        var first = await claim.RunAsync(new ClaimRoom { Total = 10, Allowed = full }, Cancellation);
        var second = await claim.RunAsync(new ClaimRoom { Total = 10, Allowed = full }, Cancellation);

        Assert.True(first.AreEndpointsLeft);
        Assert.Equal(living, Assert.Single(first.Webhooks.Concat(second.Webhooks)).WebhookId);
    }

    [Fact]
    public async Task Only_what_is_due_by_the_databases_clock_is_promoted()
    {
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        var (ripe, later) = (await stage.DueAsync(tenant, "https://a.example/"), await stage.DueAsync(tenant, "https://a.example/"));
        await spine.ExecuteAsync("update webhooks set state = 'waiting', next_attempt_at = now() - interval '1 s' where webhook_id = $1", ripe);
        await spine.ExecuteAsync("update webhooks set state = 'waiting', next_attempt_at = now() + interval '1 h' where webhook_id = $1", later);
        var claim = stage.Get<ClaimWebhooks>();

        Assert.Empty((await claim.RunAsync(new ClaimRoom { Total = 10 }, Cancellation)).Webhooks);
        await claim.PromoteAsync(Cancellation);

        Assert.Equal(ripe, Assert.Single((await claim.RunAsync(new ClaimRoom { Total = 10 }, Cancellation)).Webhooks).WebhookId);
    }

    [Fact]
    public async Task Two_claimants_at_once_lease_no_webhook_twice()
    {
        await using var stage = new WebhookStage(spine);
        await using var other = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        await stage.DueAsync(tenant, "https://both.example/", 60);
        var room = new ClaimRoom
        {
            Total = 50,
            Allowed = new Dictionary<EndpointKey, int> { [new EndpointKey(tenant, "https://both.example")] = 50 },
        };

        var claims = await Task.WhenAll(
            stage.Get<ClaimWebhooks>().RunAsync(room, Cancellation), other.Get<ClaimWebhooks>().RunAsync(room, Cancellation));

        var all = claims.SelectMany(static one => one.Webhooks).Select(static one => one.WebhookId).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Fact]
    public async Task A_report_counts_only_under_the_lease_of_its_attempt()
    {
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        var id = await stage.DueAsync(tenant, "https://a.example/");
        var webhook = Assert.Single((await stage.Get<ClaimWebhooks>().RunAsync(new ClaimRoom { Total = 1 }, Cancellation)).Webhooks);
        var outcome = new AttemptOutcome { Status = 200, Duration = TimeSpan.FromMilliseconds(12) };
        var reports = stage.Get<ReportAttempts>();

        Assert.False(await reports.RunAsync(
            new AttemptReport(webhook with { LeaseToken = Guid.NewGuid() }, outcome, "delivered", default, webhook.ClaimedAt)));
        Assert.Equal("leased", await stage.StateAsync(id));
        Assert.Empty(await stage.AttemptsAsync(tenant, id));

        Assert.True(await reports.RunAsync(new AttemptReport(webhook, outcome, "delivered", default, webhook.ClaimedAt)));
        Assert.False(await reports.RunAsync(new AttemptReport(webhook, outcome, "dead", default, webhook.ClaimedAt)));
        Assert.Equal("delivered", await stage.StateAsync(id));
        Assert.Equal(12, Assert.Single(await stage.AttemptsAsync(tenant, id)).DurationMs);
    }
}
