using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>
/// A bounded load of sync and async tasks from a customer who acts by the contract: sends again after a 503, polls when the answer
/// leaves open what happened, and counts a task only once it is known to be accepted.
/// </summary>
internal sealed class Load(Customer customer, int senders, int tasksOfEach)
{
    private readonly ConcurrentQueue<string> accepted = new();
    private readonly TaskCompletionSource half = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int retries;

    /// <summary>Completes when half of the tasks are accepted: the moment to break something.</summary>
    public Task Half => half.Task;

    public int Retries => retries;

    /// <summary>Sends everything, waits for each task's end, and answers their UUIDs.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        await Task.WhenAll(Enumerable.Range(0, senders).Select(SendAllAsync));
        foreach (var uuid in accepted)
        {
            var final = await PollAsync(uuid);
            Assert.True(final.Status == 200 && final.Errors.Length == 0, final.Text);
        }

        return [.. accepted];
    }

    private async Task SendAllAsync(int sender)
    {
        for (var i = 0; i < tasksOfEach; i++)
        {
            var task = Ask.ForSpeech(
                $"Task {i} of sender {sender}.", (sender + i) % 3 == 0 ? "{}" : """{"deliveryMethod":"async","numberResults":2}""");
            await Until.TrueAsync(() => IsAcceptedAsync(task), seconds: 60);
            accepted.Enqueue(Ask.UuidOf(task));
            if (accepted.Count >= senders * tasksOfEach / 2)
            {
                half.TrySetResult();
            }
        }
    }

    private async Task<bool> IsAcceptedAsync(JsonObject task)
    {
        var reply = await customer.SendAsync(task);
        switch (reply.Status, reply.Errors.Length == 0 ? "" : reply.Code)
        {
            case (200, _) or (_, "syncTimeout"):
                return true;
            case (503, _):
                Interlocked.Increment(ref retries);
                return false;
            case (400, "inferenceError"):
                Interlocked.Increment(ref retries);
                return await IsThereAsync(Ask.UuidOf(task));
            default:
                Assert.Fail(reply.Text);
                return false;
        }
    }

    private async Task<bool> IsThereAsync(string uuid)
    {
        var answer = await Until.FoundAsync(async () => await customer.PollAsync(uuid) is { Status: not 503 } reply ? reply : null);
        return answer.Status != 404;
    }

    private Task<Reply> PollAsync(string uuid) => Until.FoundAsync(async () =>
        await customer.PollAsync(uuid) is { Status: not 503 } reply && reply.Items.All(item => (string?)item["status"] == "success")
            ? reply
            : null);
}
