using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>The broker or the database goes away under load: work pauses, nothing is lost, and it recovers by itself.</summary>
[Collection(Crashes.Name)]
public sealed class KilledServicesTests(CrashStage stage, ITestOutputHelper output)
{
    [Fact]
    public async Task A_broker_that_is_killed_and_comes_back_loses_nothing() => await UnderLoadAsync(async () =>
    {
        await stage.Rabbit.KillAsync();
        await stage.Rabbit.StartAsync();
    });

    [Fact]
    public async Task Work_goes_on_while_there_is_no_broker()
    {
        var customer = await stage.NewCustomerAsync();
        await stage.Rabbit.StopAsync();
        try
        {
            // Tickets and events are gone; the rows, the workers' own looks and the callers' own looks are left.
            Assert.Equal(3, (await customer.SpeakAsync(Ask.ForSpeech(more: """{"numberResults":3}"""))).Length);
        }
        finally
        {
            await stage.Rabbit.StartAsync();
        }

        await customer.SpeakAsync(Ask.ForSpeech());
        await stage.CheckBooksAsync();
    }

    [Fact]
    public async Task A_database_that_is_killed_and_comes_back_loses_nothing() => await UnderLoadAsync(async () =>
    {
        await stage.Postgres.KillAsync();
        await stage.Postgres.StartAsync();
    });

    [Fact]
    public async Task A_database_that_is_restarted_in_order_loses_nothing() => await UnderLoadAsync(async () =>
    {
        await stage.Postgres.StopAsync();
        await stage.Postgres.StartAsync();
    });

    [Fact]
    public async Task Without_a_database_the_api_says_503_and_when_to_come_again()
    {
        var customer = await stage.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech());
        await stage.Postgres.StopAsync();
        try
        {
            // A key that was never seen and one that was: the first stops at the key, the second at the task itself.
            var stranger = new Customer(customer.Address, Unseen());
            foreach (var reply in (Reply[])[await stranger.SendAsync(Ask.ForSpeech()), await customer.PollAsync(Ask.NewUuid())])
            {
                Assert.Equal((503, "serviceUnavailable"), (reply.Status, reply.Code));
            }

            using var ready = await customer.GetAsync("health/ready");
            Assert.Equal(503, (int)ready.StatusCode);
        }
        finally
        {
            await stage.Postgres.StartAsync();
        }

        await Until.TrueAsync(async () => (await customer.SendAsync(Ask.ForSpeech())).Status == 200);
        await stage.CheckBooksAsync();
    }

    private async Task UnderLoadAsync(Func<Task> breakSomething)
    {
        var customer = await stage.NewCustomerAsync();
        var load = new Load(customer, senders: 8, tasksOfEach: 8);
        var running = load.RunAsync();
        await Task.WhenAny(load.Half, running);
        Assert.False(running.IsCompleted, "The load was over before anything broke.");
        var broken = TimeProvider.System.GetTimestamp();

        await breakSomething();

        var uuids = await EndOfAsync(running);
        var seconds = TimeProvider.System.GetElapsedTime(broken).TotalSeconds;
        output.WriteLine(
            $"All {uuids.Count} tasks were done {seconds:F1} s after the break; {load.Retries} requests had to be sent again.");
        Assert.True(seconds < 60, $"{seconds:F1} s");
        stage.Source.Clear();
        await new Books(stage.Source).AllSucceededAsync(customer.TenantId, uuids);
        await stage.CheckBooksAsync();
    }

    private async Task<IReadOnlyList<string>> EndOfAsync(Task<IReadOnlyList<string>> running)
    {
        try
        {
            return await running.WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
        }
        catch
        {
            output.WriteLine(stage.Logs);
            throw;
        }
    }

    private static string Unseen() => Platform.Tenants.KeyText.Make("test");
}
