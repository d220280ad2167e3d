using Platform.Tasks;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>An api node dies around the acceptance of a task: the task is there as a whole, or not at all.</summary>
[Collection(Crashes.Name)]
public sealed class KilledApiTests(CrashStage stage)
{
    [Theory]
    [InlineData(StopPoint.Accepting, false)]
    [InlineData(StopPoint.Accepted, true)]
    [InlineData(StopPoint.Announced, true)]
    public async Task The_task_is_there_as_a_whole_or_not_at_all(string step, bool isThere)
    {
        var customer = await stage.NewCustomerAsync();
        var (doomed, address) = await stage.StartDoomedApiAsync(step);
        await using var process = doomed;
        var task = Ask.ForSpeech(more: """{"numberResults":3}""");
        var uuid = Ask.UuidOf(task);
        var cutOff = Assert.ThrowsAnyAsync<HttpRequestException>(() => customer.At(address).SendAsync(task));
        await CrashStage.StoppedAsync(doomed, step);
        if (step == StopPoint.Announced)
        {
            // The ticket is out: a worker does the task while its api stands still.
            await customer.PollToEndAsync(uuid);
        }

        await doomed.KillAsync();
        await cutOff;

        // What a customer whose connection broke does: ask another node, and send it again where it is unknown.
        var poll = await customer.PollToEndAsync(uuid);
        Assert.Equal(isThere ? 200 : 404, poll.Status);
        var again = await customer.SendAsync(task);
        Assert.Equal(isThere ? "conflictTaskUUID" : "success", again.Status == 200 ? "success" : again.Code);
        Assert.Equal(3, (await customer.PollToEndAsync(uuid)).Items.Length);
        await new Books(stage.Source).AllSucceededAsync(customer.TenantId, [uuid]);
        await stage.CheckBooksAsync();
        Assert.Equal(5_000_000 - 300, await stage.AskAsync<long>("select balance from accounts where tenant_id = $1", customer.TenantId));
    }
}
