using Platform.Bench.Load;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class LoadRunTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sends_exactly_as_many_as_it_is_told_and_counts_them_all()
    {
        await using var server = await StubServer.StartAsync(StubServer.SucceedAsync);
        var result = await LoadRun.RunAsync(Plan(server, connections: 8) with { Count = 500 }, Cancellation);
        Assert.Equal(500, result.Answered);
        Assert.Equal(0, result.Failed);
        Assert.Equal(500, server.Requests);
        Assert.Equal(500, result.Latencies.Count);
        Assert.Empty(result.Faults);
    }

    [Fact]
    public async Task Reads_chunked_replies_that_cut_the_uuid_in_two()
    {
        await using var server = await StubServer.StartAsync(StubServer.AlternateFramingAsync);
        var result = await LoadRun.RunAsync(Plan(server, connections: 3) with { Count = 60 }, Cancellation);
        Assert.Equal(60, result.Answered);
        Assert.Empty(result.Faults);
    }

    [Fact]
    public async Task Keeps_every_connection_busy_until_the_windows_are_over()
    {
        await using var server = await StubServer.StartAsync(StubServer.SucceedAsync);
        var tenth = TimeSpan.FromMilliseconds(100);
        var plan = Plan(server, connections: 4) with { WarmUp = tenth, Window = tenth, Windows = 3 };
        var result = await LoadRun.RunAsync(plan, Cancellation);
        Assert.All(result.PerWindow, count => Assert.True(count > 0));
        Assert.Equal(server.Requests, result.Sent);
        Assert.True(result.PerWindow.Sum() < result.Answered, "the warm-up was counted into the windows");
        Assert.Equal(result.PerWindow.Sum(), result.Latencies.Count);
    }

    [Fact]
    public async Task Sends_on_schedule_and_counts_latency_from_when_a_request_was_due()
    {
        var isSlow = new TaskCompletionSource();
        await using var server = await StubServer.StartAsync(async (context, number, uuid) =>
        {
            // The first reply is held back until ten more requests fell due, with one connection to send them on.
            await (number == 1 ? isSlow.Task : Task.CompletedTask);
            await StubServer.SucceedAsync(context, number, uuid);
        });
        var plan = Plan(server, connections: 1) with { PerSecond = 100, Window = TimeSpan.FromMilliseconds(400) };
        var run = LoadRun.RunAsync(plan, Cancellation);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        await timer.WaitForNextTickAsync(Cancellation);
        isSlow.SetResult();
        var result = await run;
        Assert.Equal(39, result.Answered);
        Assert.True(result.Latencies.Percentile(75) > TimeSpan.FromMilliseconds(20),
            "those that had to queue behind the slow one do not show it");
    }

    [Fact]
    public async Task Counts_refusals_and_says_what_they_were()
    {
        await using var server = await StubServer.StartAsync((context, number, uuid) =>
        {
            context.Response.StatusCode = number % 2 == 0 ? 402 : 200;
            return number % 2 == 0
                ? StubServer.WriteAsync(context, """{"errors":[{"code":"insufficientCredits"}]}""")
                : StubServer.SucceedAsync(context, number, uuid);
        });
        var result = await LoadRun.RunAsync(Plan(server, connections: 2) with { Count = 40 }, Cancellation);
        Assert.Equal(20, result.Answered);
        Assert.Equal(20, result.Failed);
        Assert.Contains("402", Assert.Single(result.Faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"data":[{"taskUUID":"6a2d6c4e-0d1c-4a52-9f3b-111111111111"}]}""")]
    [InlineData("""{"errors":[{"code":"inferenceError"}]}""")]
    public async Task Takes_a_200_without_the_own_result_for_a_failure(string reply)
    {
        await using var server = await StubServer.StartAsync((context, _, _) => StubServer.WriteAsync(context, reply));
        var result = await LoadRun.RunAsync(Plan(server, connections: 1) with { Count = 3 }, Cancellation);
        Assert.Equal(3, result.Failed);
    }

    [Fact]
    public async Task Ends_when_every_connection_is_lost()
    {
        await using var server = await StubServer.StartAsync((context, _, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        var result = await LoadRun.RunAsync(Plan(server, connections: 2) with { Count = 100 }, Cancellation);
        Assert.Equal(0, result.Answered);
        Assert.Equal(2, result.Failed);
    }

    [Fact]
    public async Task Gives_up_on_replies_that_never_come()
    {
        await using var server = await StubServer.StartAsync((context, _, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var plan = Plan(server, connections: 2) with { Window = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromMilliseconds(100) };
        var result = await LoadRun.RunAsync(plan, Cancellation);
        Assert.Equal(2, result.Failed);
        Assert.Equal("never answered", Assert.Single(result.Faults));
    }

    private static LoadPlan Plan(StubServer server, int connections) =>
        new(server.Address, TaskRequest.Render(server.Address.ToString(), "rw_key", isAsync: false), connections);
}
