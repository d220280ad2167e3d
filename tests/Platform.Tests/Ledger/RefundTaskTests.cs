using Platform.Ledger;
using Platform.Tasks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger;

public sealed class RefundTaskTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_whole_task_is_paid_back_result_by_result()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await SettledAsync(tenant, results: 3);

        var refund = await RefundAsync(Order(tenant, "r-1") with { TaskUuid = task.TaskUuid });

        Assert.Equal((RefundOutcome.Booked, 300L, 3), (refund.Outcome, refund.Amount, refund.Entries.Count));
        Assert.Equal("r-1 r-1#2 r-1#3", string.Join(' ', refund.Entries.Select(entry => entry.Reference)));
        Assert.Equal([800L, 900L, 1000L], refund.Entries.Select(entry => entry.BalanceAfter));
        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
        Assert.Equal("credits.refund 300", await spine.AskAsync<string>(
            "select action || ' ' || (after ->> 'amount') from audit_log where tenant_id = $1 and subject = 'r-1'", tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task One_result_is_paid_back_alone_and_the_rest_of_its_task_later()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await SettledAsync(tenant, results: 2);
        var audio = await spine.AskAsync<Guid>("select audio_uuid from task_results where task_id = $1 and result_index = 1", task.TaskId);

        var one = await RefundAsync(Order(tenant, "one") with { AudioUuid = audio });
        var rest = await RefundAsync(Order(tenant, "rest") with { TaskUuid = task.TaskUuid });
        var nothing = await RefundAsync(Order(tenant, "again") with { TaskUuid = task.TaskUuid });

        Assert.Equal((audio, 100L), (Assert.Single(one.Entries).AudioUUID!.Value, one.Amount));
        Assert.Equal((RefundOutcome.Booked, 100L), (rest.Outcome, rest.Amount));
        Assert.Equal(RefundOutcome.NothingLeft, nothing.Outcome);
        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task The_same_reference_refunds_once_and_answers_the_same()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await SettledAsync(tenant, results: 2);
        var order = Order(tenant, "same") with { TaskUuid = task.TaskUuid };

        var (first, second) = (await RefundAsync(order), await RefundAsync(order));

        Assert.Equal((RefundOutcome.Booked, RefundOutcome.Known), (first.Outcome, second.Outcome));
        Assert.Equal(first.Entries.Select(entry => entry.EntryId), second.Entries.Select(entry => entry.EntryId));
        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task Of_many_refunds_at_once_with_references_of_their_own_one_is_booked()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await SettledAsync(tenant, results: 2);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
            (await RefundAsync(Order(tenant, $"at-once-{i}") with { TaskUuid = task.TaskUuid })).Outcome)));

        Assert.Single(outcomes, RefundOutcome.Booked);
        Assert.Equal(11, outcomes.Count(outcome => outcome == RefundOutcome.NothingLeft));
        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task What_was_never_charged_is_not_paid_back()
    {
        var (tenant, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var task = await SettledAsync(tenant, results: 1);
        var open = await spine.RunningAsync(tenant);

        Assert.Equal(RefundOutcome.NothingCaptured, (await RefundAsync(Order(tenant, "a") with { TaskUuid = Guid.NewGuid() })).Outcome);
        Assert.Equal(RefundOutcome.NothingCaptured, (await RefundAsync(Order(tenant, "b") with { TaskUuid = open.TaskUuid })).Outcome);
        Assert.Equal(RefundOutcome.NothingCaptured, (await RefundAsync(Order(other, "c") with { TaskUuid = task.TaskUuid })).Outcome);
        Assert.Equal(RefundOutcome.NothingCaptured, (await RefundAsync(Order(Guid.NewGuid(), "d") with { TaskUuid = task.TaskUuid })).Outcome);
        Assert.Equal("999900 100", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task A_reference_of_something_else_is_refused()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var (task, other) = (await SettledAsync(tenant, results: 1), await SettledAsync(tenant, results: 1));
        await RefundAsync(Order(tenant, "taken") with { TaskUuid = other.TaskUuid });

        Assert.Equal(RefundOutcome.ReferenceInUse, (await RefundAsync(Order(tenant, "first payment") with { TaskUuid = task.TaskUuid })).Outcome);
        Assert.Equal(RefundOutcome.ReferenceInUse, (await RefundAsync(Order(tenant, "taken") with { TaskUuid = task.TaskUuid })).Outcome);
        Assert.Equal("900 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task A_forgotten_task_is_found_in_the_ledger()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var task = await SettledAsync(tenant, results: 2);
        await spine.ExecuteAsync("delete from task_results where task_id = $1", task.TaskId);
        await spine.ExecuteAsync("delete from tasks where task_id = $1", task.TaskId);

        Assert.Equal(200, (await RefundAsync(Order(tenant, "late") with { TaskUuid = task.TaskUuid })).Amount);
    }

    private static RefundOrder Order(Guid tenant, string reference) => new(tenant, reference, "a reason");

    private Task<Refund> RefundAsync(RefundOrder order) => new RefundTask(spine.Database).RunAsync(order, "test", Token);

    private async Task<ClaimedTask> SettledAsync(Guid tenant, int results)
    {
        var task = await spine.RunningAsync(tenant, results);
        Assert.True(await Sample.SettleAsync(spine.Settle, task, TaskState.Succeeded, [.. Enumerable.Range(0, results)]));
        return task;
    }
}
