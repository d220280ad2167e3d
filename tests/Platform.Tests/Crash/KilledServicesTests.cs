using Npgsql;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>The broker or the database goes away under load: work pauses, nothing is lost, and it recovers by itself.</summary>
[Collection(Crashes.Name)]
public sealed class KilledServicesTests(CrashStage stage, ITestOutputHelper output)
{
    // Longer than every statement is tried again.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(12);

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

    // As a standby is that took the place of its primary, or a server whose guard against a full disk has shut it.
    [Fact]
    public async Task A_database_that_takes_no_writes_for_a_while_loses_nothing() => await UnderLoadAsync(async () =>
    {
        await using var hand = await OpenAsync("alter system set default_transaction_read_only = on");
        await ReloadAsync(hand);
        await Task.Delay(Outage, TestContext.Current.CancellationToken);
        await DoAsync(hand, "alter system reset default_transaction_read_only");
        await ReloadAsync(hand);
    });

    // As it is while somebody changes the password there and has not yet changed it here.
    [Fact]
    public async Task A_database_that_lets_nobody_in_for_a_while_loses_nothing() => await UnderLoadAsync(async () =>
    {
        await using var hand = await OpenAsync("select 1");
        await using var command = new NpgsqlCommand("show hba_file", hand);
        var file = (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        var rules = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, $"local all all reject\n{rules}");
        await ReloadAsync(hand);
        await DoAsync(hand, "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()");
        await Task.Delay(Outage, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(file, rules);
        await ReloadAsync(hand);
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
        await stage.NewCustomerAsync();
    }

    private async Task<NpgsqlConnection> OpenAsync(string sql)
    {
        var hand = new NpgsqlConnection(stage.Postgres.ConnectionString + ";Pooling=false");
        await hand.OpenAsync(TestContext.Current.CancellationToken);
        await DoAsync(hand, sql);
        return hand;
    }

    private static Task ReloadAsync(NpgsqlConnection hand) => DoAsync(hand, "select pg_reload_conf()");

    private static async Task DoAsync(NpgsqlConnection hand, string sql)
    {
        await using var command = new NpgsqlCommand(sql, hand);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
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
