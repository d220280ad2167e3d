using Microsoft.EntityFrameworkCore;
using Platform.Ledger;
using Platform.Persistence;
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
        foreach (var table in new[] { "tasks", "webhook_secrets", "media", "webhooks", "open_tasks" })
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
    public async Task Past_costs_keep_the_prefix_of_a_key_of_which_nothing_else_is_left()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var (key, text) = await spine.Get<RegisterTenants>().CreateKeyAsync(new KeyDraft(tenant, "test", "robot", null), "cli test", Token);
        var pool = await spine.PoolAsync();
        await spine.Accept.AcceptAsync(Sample.Task(tenant, pool) with { KeyId = key.KeyId });
        await spine.Settle.SettleAsync(Sample.Settle(await spine.ClaimOneAsync(pool), TaskState.Succeeded, 0));
        var before = await CostsAsync(tenant);

        await EraseAsync(tenant);

        var after = await CostsAsync(tenant);
        Assert.Equal(Assert.Single(before) with { TenantName = "erased" }, Assert.Single(after));
        Assert.Equal(key.Prefix, after[0].KeyPrefix);
        Assert.Null(await spine.Get<RegisterTenants>().FindOwnerAsync(text, Token));
        Assert.Equal(0L, await spine.AskAsync<long>(
            "select count(*) from api_keys where tenant_id = $1 and (key_hash = $2 or name is not null or revoked_at is null)",
            tenant, KeyText.HashOf(text)));
    }

    [Fact]
    public async Task An_erased_tenant_stays_erased_whatever_is_tried()
    {
        var (tenant, _) = await FilledAsync();
        await spine.Get<AskErasure>().RunAsync(tenant, "cli test", Token);
        var change = new ChangeTenant(spine.Get<IDbContextFactory<PlatformDb>>(), TimeProvider.System);

        Assert.Equal(ChangeOutcome.Erased, await change.RunAsync(tenant, new TenantChange { Suspended = false }, "cli test", Token));
        Assert.Equal(ChangeOutcome.Erased, await change.RunAsync(tenant, new TenantChange { Name = "Acme" }, "cli test", Token));
        await Assert.ThrowsAsync<TenantErasedException>(
            () => spine.Get<RegisterTenants>().CreateKeyAsync(new KeyDraft(tenant, "test", null, null), "cli test", Token));

        Assert.Equal("erased true", await spine.AskAsync<string>("select name || ' ' || (suspended_at is not null) from tenants where tenant_id = $1", tenant));
    }

    [Fact]
    public async Task One_with_much_to_delete_keeps_nobody_else_waiting()
    {
        // More than a turn: 11,000 files, of which a batch takes 500.
        var (large, small) = (await spine.TenantAsync(), await FilledAsync());
        await spine.ExecuteAsync(
            """
            with made as (
                insert into tasks (task_id, tenant_id, key_id, task_uuid, model, pool, state, number_results, price_per_result, seed, accepted_at,
                                   price_version, request, finished_at)
                select gen_random_uuid(), $1, gen_random_uuid(), gen_random_uuid(), 'm', 'p', 'failed', 1, 1, 1, now(), 'v', '', now()
                  from generate_series(1, 11000)
                returning task_id
            )
            insert into task_results (task_id, result_index, audio_uuid, cost, size, finished_at, expires_at, blob_key, output_type, item)
            select task_id, 0, gen_random_uuid(), 1, 1, now(), now(), 'audio/aa/' || task_id, 'Url', '' from made
            """,
            large);
        foreach (var tenant in new[] { large, small.Tenant })
        {
            await spine.Get<AskErasure>().RunAsync(tenant, "cli test", Token);
        }

        await spine.ExecuteAsync(
            "update tenants set erasure_asked_at = now() - interval '1 minute' - (tenant_id = $1)::int * interval '1 hour' where tenant_id in ($1, $2)",
            large, small.Tenant);
        await spine.ExecuteAsync(
            """
            create table ends (tenant_id uuid, left_of_large bigint);
            create function note_end() returns trigger language plpgsql as $$
            begin
                insert into ends select new.tenant_id, (select count(*) from tasks where tasks.tenant_id <> new.tenant_id and model = 'm');
                return null;
            end $$;
            create trigger note_end after update of erased_at on tenants for each row when (new.erased_at is not null) execute function note_end();
            """);
        await spine.ExecuteAsync("delete from media where tenant_id = $1", small.Tenant);

        await spine.Get<EraseTenants>().RunAsync(Token);

        Assert.NotEqual(0L, await spine.AskAsync<long>("select left_of_large from ends where tenant_id = $1", small.Tenant));
        Assert.Equal(0L, await spine.AskAsync<long>("select left_of_large from ends where tenant_id = $1", large));
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

    private Task<List<CostRow>> CostsAsync(Guid tenant) =>
        new ReadCosts(spine.Database).StreamAsync(tenant, Period.All, Token).ToListAsync(Token).AsTask();

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
