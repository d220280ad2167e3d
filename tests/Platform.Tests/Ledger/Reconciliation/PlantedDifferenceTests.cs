using Platform.Tasks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Reconciliation;

/// <summary>
/// Each kind of difference is planted by hand, past the triggers, and found and named. A class has its own database, and every test its own tenant.
/// </summary>
public sealed class PlantedDifferenceTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Books_that_nobody_touched_agree()
    {
        var tenant = await spine.TenantAsync(credit: 10_000);
        await SettledAsync(tenant, results: 3);
        await SettledAsync(tenant, results: 1);
        var open = await spine.RunningAsync(tenant, results: 3);
        Assert.True(await Sample.SettleAsync(spine.Settle, open, TaskState.Running, 0));
        var cancelled = await spine.RunningAsync(tenant);
        Assert.True(await spine.Settle.SettleAsync(Sample.Close(cancelled.TaskId)));

        Assert.Equal("", await FindAsync(tenant));
    }

    [Theory]
    [InlineData("captureLost", "delete from ledger_entries where task_id = $1 and kind = 'capture'")]
    [InlineData("captureDoubled",
        """
        insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model)
        select tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model
          from ledger_entries where task_id = $1 and kind = 'capture'
        """)]
    [InlineData("captureWrongAmount", "update ledger_entries set amount = amount + 1 where task_id = $1 and kind = 'capture'")]
    [InlineData("captureForeign", "update ledger_entries set audio_uuid = gen_random_uuid() where task_id = $1 and kind = 'capture'")]
    [InlineData("holdLost", "delete from ledger_entries where task_id = $1 and kind = 'hold'")]
    [InlineData("holdWrongAmount", "update ledger_entries set amount = amount - 1 where task_id = $1 and kind = 'hold'")]
    [InlineData("holdDoubled",
        """
        insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, model)
        select tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, model
          from ledger_entries where task_id = $1 and kind = 'hold'
        """)]
    [InlineData("holdForeign", "update ledger_entries set task_id = gen_random_uuid() where task_id = $1 and kind = 'hold'")]
    [InlineData("chainBroken", "update ledger_entries set balance_after = balance_after - 5 where task_id = $1 and kind = 'hold'")]
    [InlineData("openTaskLost", "update tasks set state = 'open' where task_id = $1")]
    [InlineData("openTaskEnded",
        """
        insert into open_tasks (task_id, tenant_id, pool, virtual_start, held, available_at, deadline)
        select task_id, tenant_id, pool, 0, 0, now(), now() from tasks where task_id = $1
        """)]
    [InlineData("openTasksMiscounted", "update accounts set open_tasks = open_tasks + 1 where tenant_id = (select tenant_id from tasks where task_id = $1)")]
    [InlineData("balanceOff", "update accounts set balance = balance + 1 where tenant_id = (select tenant_id from tasks where task_id = $1)")]
    [InlineData("heldOff", "update accounts set held = held + 1 where tenant_id = (select tenant_id from tasks where task_id = $1)")]
    [InlineData("newestEntryOff",
        """
        update ledger_entries set held_after = held_after + 1
         where entry_id = (select max(entry_id) from ledger_entries where tenant_id = (select tenant_id from tasks where task_id = $1))
        """)]
    [InlineData("prepaidWithLimit", "update accounts set credit_limit = 5 where tenant_id = (select tenant_id from tasks where task_id = $1)")]
    [InlineData("kindUnknown",
        """
        insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after) select tenant_id, 'gift', 0, 0, 0 from tasks where task_id = $1
        """)]
    public async Task A_planted_difference_is_found_and_named(string kind, string planting)
    {
        var tenant = await spine.TenantAsync(credit: 10_000);
        var task = await SettledAsync(tenant, results: 1);
        await SettledAsync(tenant, results: 2);

        await PlantAsync(planting, task.TaskId);

        Assert.Contains(kind, (await FindAsync(tenant)).Split(' '), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_release_that_never_was_and_one_too_many_are_told_apart()
    {
        var (one, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var (lost, doubled) = (await spine.RunningAsync(one), await spine.RunningAsync(other));
        await spine.Settle.SettleAsync(Sample.Close(lost.TaskId));
        await spine.Settle.SettleAsync(Sample.Close(doubled.TaskId));

        await PlantAsync("delete from ledger_entries where task_id = $1 and kind = 'release'", lost.TaskId);
        await PlantAsync(
            """
            insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid)
            select tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid from ledger_entries where task_id = $1 and kind = 'release'
            """,
            doubled.TaskId);

        Assert.Contains("releaseLost", await FindAsync(one), StringComparison.Ordinal);
        Assert.Contains("releaseDoubled", await FindAsync(other), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_open_task_that_holds_too_little_is_found()
    {
        var tenant = await spine.TenantAsync();
        var task = await spine.RunningAsync(tenant, results: 2);

        await PlantAsync("update open_tasks set held = held - 1 where task_id = $1", task.TaskId);

        Assert.Contains("openTaskWrongHold", await FindAsync(tenant), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_below_its_limit_is_found_although_its_table_would_refuse_it()
    {
        var tenant = await spine.TenantAsync(credit: 100);

        await PlantAsync("alter table accounts drop constraint available_never_negative; update accounts set balance = -1");
        var found = await FindAsync(tenant);
        await PlantAsync(
            """
            update accounts a set balance = coalesce((select sum(amount) from ledger_legs l where l.tenant_id = a.tenant_id
                                                         and l.account in ('tenant_available', 'tenant_held')), 0);
            alter table accounts add constraint available_never_negative check (balance + credit_limit - held >= 0) not valid
            """);

        Assert.Contains("availableNegative", found, StringComparison.Ordinal);
    }

    private async Task<ClaimedTask> SettledAsync(Guid tenant, int results)
    {
        var task = await spine.RunningAsync(tenant, results);
        Assert.True(await Sample.SettleAsync(spine.Settle, task, TaskState.Succeeded, [.. Enumerable.Range(0, results)]));
        return task;
    }

    // As somebody with all rights could, which the tests' user has: replica mode passes the triggers by.
    private Task PlantAsync(string sql, params object[] values) => PlantedBooks.ChangeAsync(spine, sql, values);

    private Task<string> FindAsync(Guid tenant) => PlantedBooks.FindAsync(spine, tenant, Token);
}
