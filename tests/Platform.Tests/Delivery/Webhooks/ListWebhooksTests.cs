using Platform.Delivery.Webhooks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

public sealed class ListWebhooksTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("dead")]
    public async Task Pages_hold_every_webhook_of_the_tenant_once_newest_first(string? state)
    {
        await using var stage = new WebhookStage(spine);
        var (tenant, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var ids = await stage.DueAsync(tenant, "https://a.example/", 7);
        await stage.DueAsync(other, "https://a.example/");
        await spine.ExecuteAsync("update webhooks set state = 'dead' where tenant_id = $1", tenant);

        var seen = new List<Guid>();
        WebhookPlace? place = null;
        while (await stage.Get<ListWebhooks>().ForTenantAsync(tenant, state, place, 3, Cancellation) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(static view => view.WebhookId));
            var text = new WebhookPlace(page[^1].CreatedAt, page[^1].WebhookId).ToString();
            place = WebhookPlace.Parse(text, null);
        }

        Assert.Equal(ids.Reverse(), seen);
    }

    [Fact]
    public async Task Shows_what_each_is_about_and_filters_by_state()
    {
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        var (due, waiting) = (await stage.DueAsync(tenant, "https://a.example/?x=1"), await stage.DueAsync(tenant, "https://b.example/"));
        await spine.ExecuteAsync("update webhooks set state = 'waiting', next_attempt_at = now() + interval '1 h' where webhook_id = $1", waiting);

        var list = stage.Get<ListWebhooks>();
        var one = Assert.Single(await list.ForTenantAsync(tenant, "due", null, 10, Cancellation));
        var two = Assert.Single(await list.ForTenantAsync(tenant, "waiting", null, 10, Cancellation));

        Assert.Equal((due, "https://a.example/?x=1", "due", null), (one.WebhookId, one.Url, one.State, one.NextAttemptAt));
        Assert.NotNull(one.AudioUUID);
        Assert.True(two.NextAttemptAt > one.CreatedAt.AddMinutes(50));
        Assert.Empty(await list.ForTenantAsync(tenant, "dead", null, 10, Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("x/00000000000000000000000000000000")]
    [InlineData("9999999999999999999/00000000000000000000000000000000")]
    [InlineData("-1/00000000000000000000000000000000")]
    public void What_is_no_place_is_told_from_one(string text) => Assert.False(WebhookPlace.TryParse(text, null, out _));

    [Fact]
    public async Task Replays_those_of_a_span_and_a_state_and_no_others()
    {
        await using var stage = new WebhookStage(spine);
        var (tenant, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var ids = await stage.DueAsync(tenant, "https://a.example/", 4);
        var foreign = await stage.DueAsync(other, "https://a.example/");
        var start = TimeProvider.System.GetUtcNow().AddDays(-10);
        await spine.ExecuteAsync(
            "update webhooks set state = 'dead', finished_at = now(), step = 15 where webhook_id = any($1)", (Guid[])[.. ids, foreign]);
        await spine.ExecuteAsync("update webhooks set state = 'delivered' where webhook_id = $1", ids[3]);
        foreach (var (i, id) in ids.Index())
        {
            await spine.ExecuteAsync("update webhooks set created_at = $2 where webhook_id = $1", id, start.AddDays(i));
        }

        var replayed = await stage.Get<ReplayWebhooks>().RunForTenantAsync(
            new ReplaySpan(tenant, "dead", start.AddDays(1), start.AddDays(9)), "admin test", Cancellation);

        Assert.Equal(2, replayed);
        Assert.Equal("dead due due delivered dead", string.Join(' ', await Task.WhenAll(
            ((Guid[])[.. ids, foreign]).Select(stage.StateAsync))));
        Assert.Equal((short)0, await spine.AskAsync<short>("select step from webhooks where webhook_id = $1", ids[1]));
    }

    [Fact]
    public async Task Replays_more_than_a_statement_takes()
    {
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        await spine.ExecuteAsync(
            """
            insert into webhooks (tenant_id, task_id, task_uuid, result_index, url, state, finished_at)
            select $1, gen_random_uuid(), gen_random_uuid(), 0, 'https://a.example/', 'dead', now() from generate_series(1, 2500)
            """,
            tenant);

        var span = new ReplaySpan(tenant, "dead", DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow().AddDays(1));

        Assert.Equal(2500, await stage.Get<ReplayWebhooks>().RunForTenantAsync(span, "admin test", Cancellation));
        Assert.Equal(0, await stage.Get<ReplayWebhooks>().RunForTenantAsync(span, "admin test", Cancellation));
        Assert.Equal("admin test dead, admin test dead", await AuditedAsync(tenant, "webhooks.replay", "after ->> 'state'"));
    }

    [Fact]
    public async Task A_replay_of_one_stands_in_the_audit_log_by_its_id_and_one_that_was_refused_does_not()
    {
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        var id = await stage.DueAsync(tenant, "https://a.example/");
        await stage.Get<ReplayWebhooks>().RunAcrossTenantsAsync(id, "admin test", Cancellation);
        await spine.ExecuteAsync("update webhooks set state = 'dead' where webhook_id = $1", id);

        Assert.Equal(Replay.Done, await stage.Get<ReplayWebhooks>().RunAcrossTenantsAsync(id, "admin test", Cancellation));

        Assert.Equal($"admin test {id}", await AuditedAsync(tenant, "webhook.replay", "subject"));
    }

    [Fact]
    public async Task What_is_on_its_way_or_unknown_is_not_replayed()
    {
        await using var stage = new WebhookStage(spine);
        var id = await stage.DueAsync(await spine.TenantAsync(), "https://a.example/");
        var replay = stage.Get<ReplayWebhooks>();

        Assert.Equal(Replay.OnItsWay, await replay.RunAcrossTenantsAsync(id, "admin test", Cancellation));
        Assert.Equal(Replay.Unknown, await replay.RunAcrossTenantsAsync(Guid.NewGuid(), "admin test", Cancellation));
    }

    private Task<string> AuditedAsync(Guid tenant, string action, string what) => spine.AskAsync<string>(
        $"select string_agg(actor || ' ' || ({what}), ', ' order by audit_id) from audit_log where tenant_id = $1 and action = $2", tenant, action);
}
