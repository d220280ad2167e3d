using Platform.Storage;
using Platform.Tasks;
using Platform.Tenants;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class EraseTenantsTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_but_the_account_and_its_ledger_is_left()
    {
        var (tenant, key) = await FilledAsync();
        var other = await FilledAsync();
        var ledger = await spine.EntriesAsync(tenant);

        await EraseAsync(tenant);

        Assert.False(File.Exists(spine.PathOf(key)));
        Assert.True(File.Exists(spine.PathOf(other.Key)));
        foreach (var table in new[] { "tasks", "api_keys", "webhook_secrets", "media", "webhooks", "open_tasks" })
        {
            Assert.Equal(0L, await spine.AskAsync<long>($"select count(*) from {table} where tenant_id = $1", tenant));
        }

        Assert.NotEqual(0L, await spine.AskAsync<long>("select count(*) from tasks where tenant_id = $1", other.Tenant));
        // The open task ended on the way, and its hold was released; nothing that stood there changed.
        Assert.Equal(ledger + ", release 100", await spine.EntriesAsync(tenant));
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
        Assert.Equal("erased", await spine.AskAsync<string>("select name from tenants where tenant_id = $1", tenant));
        Assert.Equal("tenant.erase, tenant.erased", await spine.AskAsync<string>(
            "select string_agg(action, ', ' order by audit_id) from audit_log where tenant_id = $1 and action like 'tenant.erase%'", tenant));
    }

    [Fact]
    public async Task A_killed_erasure_goes_on_and_a_second_wish_changes_nothing()
    {
        var (tenant, key) = await FilledAsync();
        var first = await spine.Get<AskErasure>().RunAsync(tenant, "cli test", Token);
        // As if killed between the file and its mark.
        await spine.Get<IBlobStore>().DeleteAsync([key], Token);
        var second = await spine.Get<AskErasure>().RunAsync(tenant, "cli test", Token);

        await EraseAsync(tenant);

        Assert.Equal(first!.AskedAt, second!.AskedAt);
        var end = await spine.Get<AskErasure>().FindAsync(tenant, Token);
        Assert.NotNull(end!.ErasedAt);
        Assert.Equal((0, 0, 0), (end.TasksLeft, end.MediaLeft, end.WebhooksLeft));
    }

    [Fact]
    public async Task It_is_not_called_done_while_nodes_may_still_believe_a_deleted_key()
    {
        var (tenant, _) = await FilledAsync();
        await spine.Get<AskErasure>().RunAsync(tenant, "cli test", Token);

        await spine.Get<EraseTenants>().RunAsync(Token);

        Assert.Null((await spine.Get<AskErasure>().FindAsync(tenant, Token))!.ErasedAt);
    }

    [Fact]
    public async Task Who_is_not_there_cannot_be_erased() =>
        Assert.Null(await spine.Get<AskErasure>().RunAsync(Guid.NewGuid(), "cli test", Token));

    private async Task EraseAsync(Guid tenant)
    {
        await spine.Get<AskErasure>().RunAsync(tenant, "cli test", Token);
        await spine.ExecuteAsync("update tenants set erasure_asked_at = now() - interval '1 minute' where tenant_id = $1", tenant);
        await spine.Get<EraseTenants>().RunAsync(Token);
        await spine.Get<ForgetMedia>().DeleteMarkedAsync(Token);
        await spine.Get<EraseTenants>().RunAsync(Token);
    }

    /// <summary>A tenant with a finished result, an open task, a key, a medium and a webhook.</summary>
    private async Task<(Guid Tenant, string Key)> FilledAsync()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        await spine.Get<RegisterTenants>().CreateKeyAsync(new KeyDraft(tenant, "test", null, null), "cli test", Token);
        var task = await spine.RunningAsync(tenant);
        var settlement = Sample.Settle(task, TaskState.Succeeded, 0);
        await spine.Settle.SettleAsync(settlement);
        var key = settlement.Result!.BlobKey;
        await spine.Get<IBlobStore>().WriteAsync(key, new byte[] { 1 }, Token);
        await spine.RunningAsync(tenant);
        await spine.ExecuteAsync(
            "insert into media (media_uuid, tenant_id, content_hash, blob_key, size, stored_at) values (gen_random_uuid(), $1, '', 'media/aa/x.wav', 1, now())",
            tenant);
        await spine.ExecuteAsync(
            "insert into webhooks (tenant_id, task_id, task_uuid, url) values ($1, gen_random_uuid(), gen_random_uuid(), 'http://127.0.0.1/')", tenant);
        return (tenant, key);
    }
}
