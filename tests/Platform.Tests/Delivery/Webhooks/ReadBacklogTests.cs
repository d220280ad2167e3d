using Platform.Delivery.Webhooks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

public sealed class ReadBacklogTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_receiver_that_is_slow_makes_its_own_webhooks_late_and_nobody_else_is_to_blame()
    {
        await using var stage = new WebhookStage(spine);
        var backlog = new ReadBacklog(spine.Database);
        await spine.ExecuteAsync("truncate webhooks");
        Assert.Equal(new WebhookBacklog(0, 0, 0, TimeSpan.Zero, TimeSpan.Zero), await backlog.RunAsync(Cancellation));
        var (slow, late) = (await spine.TenantAsync(), await spine.TenantAsync());
        await DueSinceAsync(stage, slow, "https://slow.example/", 600);
        var underWay = await stage.DueAsync(slow, "https://slow.example/");
        await spine.ExecuteAsync("update webhooks set state = 'leased' where webhook_id = $1", underWay);

        var attended = await backlog.RunAsync(Cancellation);
        Assert.InRange(attended.Oldest.TotalSeconds, 600, 660);
        Assert.Equal(TimeSpan.Zero, attended.OldestUnattended);

        // One that refuses at once is hardly ever caught in the act, but its failures wait.
        await spine.ExecuteAsync(
            "update webhooks set state = 'waiting', step = 6, next_attempt_at = now() + interval '8 s' where webhook_id = $1", underWay);
        Assert.Equal(TimeSpan.Zero, (await backlog.RunAsync(Cancellation)).OldestUnattended);
        await spine.ExecuteAsync("update webhooks set step = 7 where webhook_id = $1", underWay);
        Assert.InRange((await backlog.RunAsync(Cancellation)).OldestUnattended.TotalSeconds, 600, 660);
        await spine.ExecuteAsync("update webhooks set state = 'leased' where webhook_id = $1", underWay);

        // The same address at another tenant is another receiver.
        await DueSinceAsync(stage, late, "https://slow.example/", 90);
        await stage.DueAsync(late, "https://slow.example/");
        await stage.DueAsync(late, "https://z.example/");
        var unattended = await backlog.RunAsync(Cancellation);
        Assert.InRange(unattended.OldestUnattended.TotalSeconds, 90, 150);
        Assert.Equal((4, 0, 0), (unattended.Due, unattended.Waiting, unattended.Dead));
    }

    [Fact]
    public async Task Shows_each_receiver_with_what_it_answered_last_the_latest_first()
    {
        await using var stage = new WebhookStage(spine);
        await spine.ExecuteAsync("truncate webhooks");
        var (one, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var dead = await stage.DueAsync(one, "https://gone.example/a?x=1", 3);
        await spine.ExecuteAsync("update webhooks set state = 'dead', attempt = 2, finished_at = now() where webhook_id = any($1)", (Guid[])[.. dead]);
        await spine.ExecuteAsync(
            """
            insert into webhook_attempts (webhook_id, attempt, at, duration_ms, status, error)
            select id, n, now(), 1, case n when 2 then 410::smallint end, case n when 1 then 'It did not answer in time.' end
              from unnest($1::uuid[]) as id, generate_series(1, 2) as n
            """,
            (Guid[])[.. dead]);
        await DueSinceAsync(stage, other, "https://late.example/", 300);
        await spine.ExecuteAsync("update webhooks set state = 'delivered' where webhook_id = $1", await stage.DueAsync(one, "https://well.example/"));

        var receivers = await new ReadBacklog(spine.Database).ListAcrossTenantsAsync(null, 10, byDead: false, Cancellation);

        Assert.Equal("https://late.example https://gone.example", string.Join(' ', receivers.Select(static receiver => receiver.Endpoint)));
        Assert.Equal((other, 1, null, null), (receivers[0].TenantId, receivers[0].Due, receivers[0].LastStatus, receivers[0].LastError));
        Assert.InRange(receivers[0].Oldest.TotalSeconds, 300, 360);
        Assert.Equal((3, 410, null), (receivers[1].Dead, receivers[1].LastStatus, receivers[1].LastError));
        Assert.Equal(one, Assert.Single(await new ReadBacklog(spine.Database).ListAcrossTenantsAsync(one, 10, byDead: false, Cancellation)).TenantId);
        Assert.Equal(one, Assert.Single(await new ReadBacklog(spine.Database).ListAcrossTenantsAsync(null, 1, byDead: true, Cancellation)).TenantId);
    }

    private async Task DueSinceAsync(WebhookStage stage, Guid tenant, string url, int seconds) => await spine.ExecuteAsync(
        "update webhooks set next_attempt_at = now() - make_interval(secs => $2) where webhook_id = $1", await stage.DueAsync(tenant, url), (double)seconds);
}
