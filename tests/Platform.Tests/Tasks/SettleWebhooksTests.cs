using Platform.Tasks;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>The settling transaction leaves one webhook for each finished result, and one for the error of a task.</summary>
public sealed class SettleWebhooksTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private const string Hook = ",\"webhookURL\":\"https://Receiver.Example:443/hook?key=1\"";

    [Fact]
    public async Task Each_finished_result_leaves_one_webhook_in_the_same_transaction()
    {
        var task = await RunningAsync(results: 2);

        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 1));

        Assert.Equal("0 due, 1 due", await WebhooksAsync(task));
        Assert.True(await spine.AskAsync<bool>(
            """
            select bool_and(w.xmin = r.xmin and w.url = 'https://receiver.example/hook?key=1' and w.endpoint = 'https://receiver.example'
                   and w.tenant_id = $2 and w.task_uuid = $3)
              from webhooks w join task_results r using (task_id, result_index) where task_id = $1
            """,
            task.TaskId, task.TenantId, task.TaskUuid));
    }

    [Fact]
    public async Task A_failure_leaves_one_for_its_error_beside_those_of_its_results()
    {
        var task = await RunningAsync(results: 3);

        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Running, 0));
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Failed));

        Assert.Equal("0 due, error due", await WebhooksAsync(task));
    }

    [Theory]
    [InlineData(TaskState.Cancelled)]
    [InlineData(TaskState.Expired)]
    public async Task A_task_that_is_closed_leaves_one_for_its_error(string state)
    {
        var task = await RunningAsync();

        await spine.Settle.SettleAsync(Sample.Close(task.TaskId, state));

        Assert.Equal("error due", await WebhooksAsync(task));
    }

    [Fact]
    public async Task A_retry_leaves_none()
    {
        var task = await RunningAsync();

        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Pending));

        Assert.Equal("", await WebhooksAsync(task));
    }

    [Fact]
    public async Task A_result_that_is_settled_twice_leaves_one()
    {
        var task = await RunningAsync(results: 2);
        var first = Sample.Settle(task, TaskState.Running, 0);

        await spine.Settle.SettleAsync(first);
        await spine.Settle.SettleAsync(first);
        var last = Sample.Settle(task, TaskState.Succeeded, 1);
        Assert.True(await spine.Settle.SettleAsync(last));
        Assert.True(await spine.Settle.SettleAsync(last));

        Assert.Equal("0 due, 1 due", await WebhooksAsync(task));
    }

    [Fact]
    public async Task Nothing_that_the_fence_refuses_leaves_any()
    {
        var task = await RunningAsync();

        Assert.False(await spine.Settle.SettleAsync(Sample.Settle(task with { LeaseToken = Guid.NewGuid() }, TaskState.Succeeded, 0)));

        Assert.Equal("", await WebhooksAsync(task));
    }

    [Fact]
    public async Task A_task_without_an_address_leaves_none()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());

        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));

        Assert.Equal("", await WebhooksAsync(task));
    }

    private async Task<ClaimedTask> RunningAsync(int results = 1) =>
        await spine.RunningAsync(await spine.TenantAsync(), results, members: Hook);

    private Task<string> WebhooksAsync(ClaimedTask task) => spine.AskAsync<string>(
        """
        select coalesce(string_agg(coalesce(result_index::text, 'error') || ' ' || state, ', ' order by result_index), '')
          from webhooks where task_id = $1
        """,
        task.TaskId);
}
