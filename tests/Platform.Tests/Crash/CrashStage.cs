using Npgsql;
using Platform.Tasks;
using Platform.Tests.Fixtures;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>
/// A distributed platform of the crash tests alone: its own durable PostgreSQL and its own RabbitMQ, which tests kill, an api, a
/// scheduler and a worker that survive them, and short leases. Doomed processes are added for each test.
/// </summary>
public sealed class CrashStage : IAsyncDisposable
{
    private readonly List<ChildProcess> survivors = [];
    private PrivatePostgres? postgres;
    private RabbitNode? rabbit;
    private Cluster? cluster;
    private NpgsqlDataSource? source;
    private bool started;

    internal PrivatePostgres Postgres => postgres!;

    internal RabbitNode Rabbit => rabbit!;

    internal NpgsqlDataSource Source => source!;

    /// <summary>The worker that outlives every crash.</summary>
    internal ChildProcess Relief => survivors[0];

    /// <summary>What the processes that are still there wrote.</summary>
    internal string Logs => string.Join("\n--\n", survivors.Select(server => server.Lines.Text));

    /// <summary>A new tenant on a platform that is whole; the first call starts it.</summary>
    internal async Task<Customer> NewCustomerAsync()
    {
        if (!started)
        {
            started = true;
            await StartAsync();
        }

        Assert.True(
            cluster is not null && survivors.Count == 3, "The platform of the crash tests did not start; an earlier test says why.");
        foreach (var server in survivors.Where(server => server.Exit.IsCompleted))
        {
            Assert.Fail($"A process that was to survive ended with {server.Exit.Result}. It wrote:\n{server.Lines.Text}");
        }

        return await NewTenant.RegisterAsync(cluster.ConnectionString, cluster.Address, usd: 5);
    }

    /// <summary>A worker that stands still at a step of its first task.</summary>
    internal Task<ChildProcess> StartDoomedWorkerAsync(string step) =>
        cluster!.StartAsync("worker", [.. Impatient, (StopPoint.Variable, step)]);

    /// <summary>An api that stands still at a step of its first acceptance.</summary>
    internal async Task<(ChildProcess Process, Uri Address)> StartDoomedApiAsync(string step)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort.One()}");
        (string, string)[] settings = [.. Impatient, ("PLATFORM_URLS", address.OriginalString), (StopPoint.Variable, step)];
        return (await cluster!.StartAsync("api", settings), address);
    }

    internal static Task<string> StoppedAsync(ChildProcess process, string step) =>
        process.WaitForLineAsync(line => line == $"Stopped at {step}");

    internal async Task<T> AskAsync<T>(string sql, params object[] values)
    {
        await using var command = Source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Restarts of the server leave broken connections in the pool of the test.</summary>
    internal Task CheckBooksAsync(Guid? tenantId = null)
    {
        Source.Clear();
        return new Books(Source).CheckAsync(tenantId);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in survivors)
        {
            await server.DisposeAsync();
        }

        await (source?.DisposeAsync() ?? default);
        await (rabbit?.DisposeAsync() ?? default);
        await (postgres?.DisposeAsync() ?? default);
        cluster?.Folder.Dispose();
    }

    private static (string Name, string Value)[] Impatient { get; } =
    [
        ("PLATFORM_TASKS__LEASESECONDS", "2"),
        ("PLATFORM_TASKS__RETRYDELAYSECONDS", "0.1"),
        ("PLATFORM_WORKER__IDLELOOKSECONDS", "0.3"),
        ("PLATFORM_WORKER__SLOTS", "2"),
    ];

    private async Task StartAsync()
    {
        postgres = await PrivatePostgres.StartNewAsync(durable: true);
        rabbit = await RabbitNode.StartNewAsync();
        source = NpgsqlDataSource.Create(postgres.ConnectionString);
        cluster = new Cluster(postgres.ConnectionString, rabbit.Uri);
        await using var migrate = await cluster.StartVerbAsync("migrate");
        Assert.Equal(0, await migrate.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        survivors.AddRange(await Task.WhenAll(
            cluster.StartAsync("worker", Impatient),
            cluster.StartAsync("scheduler", Impatient),
            cluster.StartAsync("api", [.. Impatient, ("PLATFORM_URLS", cluster.Address.OriginalString)])));
    }
}

/// <summary>The crash tests come one after the other: each has the whole platform to itself.</summary>
[CollectionDefinition(Name)]
public sealed class Crashes : ICollectionFixture<CrashStage>
{
    public const string Name = "Crashes";
}
