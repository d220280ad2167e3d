using Microsoft.EntityFrameworkCore;
using Platform.Ledger;
using Platform.Ledger.Promotions;
using Platform.Ledger.Reconciliation;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Reconciliation;

/// <summary>Planted differences beside tasks and balances: in refunds, usage, audit records, promotions and prices; and what repairs do to them.</summary>
public sealed class PlantedBookingTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Books_with_refunds_grants_and_usage_agree_as_long_as_nobody_touches_them()
    {
        var (tenant, _) = await BusyAsync();

        Assert.Equal("", await FindAsync(tenant));
    }

    [Theory]
    [InlineData("refundTooLarge", "update ledger_entries set amount = amount + 1 where tenant_id = $1 and kind = 'refund'")]
    [InlineData("refundForeign", "update ledger_entries set audio_uuid = gen_random_uuid() where tenant_id = $1 and kind = 'refund'")]
    [InlineData("billedTaskLost", "delete from tasks where tenant_id = $1 and state = 'succeeded'")]
    [InlineData("usageOff", "update usage_days set credits = credits + 1 where tenant_id = $1")]
    [InlineData("auditLost", "delete from audit_log where tenant_id = $1 and action = 'credits.credit'")]
    [InlineData("auditWrongAmount", "update ledger_entries set amount = amount + 1 where tenant_id = $1 and kind = 'credit'")]
    [InlineData("promotionLost", "delete from promotions where tenant_id = $1")]
    [InlineData("promotionWrongAmount", "update promotions set amount = amount + 1 where tenant_id = $1")]
    [InlineData("grantLost", "delete from ledger_entries where tenant_id = $1 and kind = 'grant'")]
    [InlineData("promotionOverdue", "update promotions set expires_at = now() - interval '2 hours' where tenant_id = $1")]
    [InlineData("priceVersionUnknown", "update tasks set price_version = 'nobody knows' where tenant_id = $1")]
    public async Task A_planted_difference_is_found_and_named(string kind, string planting)
    {
        var (tenant, _) = await BusyAsync();

        await PlantedBooks.ChangeAsync(spine, planting, tenant);

        Assert.Contains(kind, (await FindAsync(tenant)).Split(' '), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("update accounts set balance = balance + 7, held = held + 3, open_tasks = open_tasks + 1 where tenant_id = $1")]
    [InlineData("delete from ledger_entries where tenant_id = $1 and kind = 'hold'")]
    [InlineData("delete from ledger_entries where tenant_id = $1 and kind = 'release'")]
    [InlineData(
        """
        insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid)
        select tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid from ledger_entries where tenant_id = $1 and kind = 'hold'
        """)]
    [InlineData("update usage_days set credits = credits + 1 where tenant_id = $1")]
    public async Task Rebuilding_an_account_puts_right_what_its_entries_can_tell(string planting)
    {
        var (tenant, _) = await BusyAsync();
        var cancelled = await spine.RunningAsync(tenant);
        await spine.Settle.SettleAsync(Sample.Close(cancelled.TaskId));
        var before = await spine.MoneyAsync(tenant);
        await PlantedBooks.ChangeAsync(spine, planting, tenant);
        Assert.NotEqual("", await FindAsync(tenant), StringComparer.Ordinal);

        await new RebuildAccount(spine.Database, new RollUsage(spine.Database)).RunAsync(tenant, "test", Token);

        // Where an entry was deleted, the chain of those that stayed shows it for good.
        Assert.Matches("^(chainBroken)?$", await FindAsync(tenant));
        Assert.Equal(before, await spine.MoneyAsync(tenant));
        Assert.Equal(1L, await spine.AskAsync<long>("select count(*) from audit_log where tenant_id = $1 and action = 'account.rebuild'", tenant));
    }

    [Fact]
    public async Task A_repair_that_was_printed_makes_its_difference_one_that_was_dealt_with()
    {
        var (tenant, task) = await BusyAsync();
        await PlantedBooks.ChangeAsync(
            spine,
            """
            insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model)
            select tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model
              from ledger_entries where task_id = $1 and kind = 'capture'
            """,
            task.TaskId);
        var report = await PlantedBooks.ReportAsync(spine, Token);
        var found = report.Checks.SelectMany(check => check.Differences).Single(one => one.TenantId == tenant && one.Kind == "captureDoubled");
        Assert.Equal(
            $"credits adjust --tenant {tenant} --amount 0.0001 --reference {found.RepairReference} --reason \"Reconciliation: captureDoubled\"", found.Repair);

        await new RebuildAccount(spine.Database, new RollUsage(spine.Database)).RunAsync(tenant, "test", Token);
        await spine.Get<AddCredit>().BookAsync(
            new CreditOrder(tenant, 100, found.RepairReference, "Reconciliation: captureDoubled") { IsAdjustment = true }, "test", Token);

        Assert.DoesNotContain("captureDoubled", await FindAsync(tenant), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_that_does_not_exist_is_not_rebuilt() => await Assert.ThrowsAsync<KeyNotFoundException>(
        () => new RebuildAccount(spine.Database, new RollUsage(spine.Database)).RunAsync(Guid.NewGuid(), "test", Token));

    // One of everything: a payment, a grant, a charged task and another that was refunded, and its usage counted.
    private async Task<(Guid Tenant, ClaimedTask Charged)> BusyAsync()
    {
        var tenant = await spine.TenantAsync(credit: 10_000);
        await new GrantCredit(spine.Get<IDbContextFactory<PlatformDb>>()).RunAsync(
            new GrantOrder(tenant, 500, "grant", "a reason", TimeProvider.System.GetUtcNow().AddDays(30)), "test", Token);
        var (charged, refunded) = (await SettledAsync(tenant), await SettledAsync(tenant));
        await new RefundTask(spine.Database).RunAsync(
            new RefundOrder(tenant, "refund", "a reason") { TaskUuid = refunded.TaskUuid }, "test", Token);
        await new RollUsage(spine.Database).RunAsync(Token);
        return (tenant, charged);
    }

    private async Task<ClaimedTask> SettledAsync(Guid tenant)
    {
        var task = await spine.RunningAsync(tenant);
        Assert.True(await Sample.SettleAsync(spine.Settle, task, TaskState.Succeeded, 0));
        return task;
    }

    private Task<string> FindAsync(Guid tenant) => PlantedBooks.FindAsync(spine, tenant, Token);
}
