using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using RabbitMQ.Client;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>An api, two workers and a scheduler as separate processes on the test run's RabbitMQ and PostgreSQL.</summary>
internal sealed class DistributedStage : Stage
{
    private readonly TempFolder folder;

    private DistributedStage(Cluster cluster, IReadOnlyList<ChildProcess> servers)
        : base(cluster.Address, cluster.ConnectionString, cluster.Folder["media"], servers) => folder = cluster.Folder;

    public static Task<Stage> StartAsync(TestPostgres postgres, TestRabbit rabbit) =>
        StartAsync(postgres, rabbit, new Dictionary<string, string?>(StringComparer.Ordinal));

    /// <summary>With settings of its own in every process, for a story that nobody shares.</summary>
    public static async Task<Stage> StartAsync(TestPostgres postgres, TestRabbit rabbit, IReadOnlyDictionary<string, string?> settings)
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        var more = settings.Select(static one => (one.Key, one.Value ?? "")).ToArray();
        var started = await Task.WhenAll(
            cluster.StartAsync("api", [("PLATFORM_URLS", cluster.Address.OriginalString), .. more]),
            cluster.StartAsync("worker", more),
            cluster.StartAsync("worker", more),
            cluster.StartAsync("scheduler", more));
        return new DistributedStage(cluster, started);
    }

    public override string AdminKey => Cluster.AdminKey;

    protected override void Discard() => folder.Dispose();
}

/// <summary>What processes of one installation share: the database, a broker under a prefix of its own, the files.</summary>
internal sealed class Cluster(string connectionString, Uri broker)
{
    public const string AdminKey = "admin-key-of-the-tests";

    private readonly string prefix = "t" + Guid.NewGuid().ToString("n")[..8];

    public string ConnectionString => connectionString;

    public TempFolder Folder { get; } = new();

    /// <summary>Further settings of every process.</summary>
    public IReadOnlyDictionary<string, string?>? More { get; init; }

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.One()}");

    /// <summary>Starts one process and returns when it serves.</summary>
    public Task<ChildProcess> StartAsync(string roles, params (string Name, string Value)[] more) =>
        Running.StartAsync(["--roles", roles, "--data", Folder.Path], Environment(more));

    public Task<ChildProcess> StartVerbAsync(params string[] arguments) => ServerProcess.StartAsync(arguments, Environment([]));

    /// <summary>Runs a verb of the operator's command line and answers what it printed as JSON.</summary>
    public async Task<JsonNode> RunVerbAsync(params string[] arguments)
    {
        await using var verb = await StartVerbAsync(arguments);
        var line = await verb.WaitForLineAsync(line => line.StartsWith('{'));
        Assert.Equal(0, await verb.Exit);
        return JsonNode.Parse(line)!;
    }

    /// <summary>How many workers hear the knocks of a pool.</summary>
    public async Task<uint> CountListenersAsync(string pool)
    {
        var token = TestContext.Current.CancellationToken;
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync(token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: token);
        return (await channel.QueueDeclarePassiveAsync($"{prefix}-knocks-{pool}", token)).ConsumerCount;
    }

    /// <summary>What every process of it is started with.</summary>
    public IReadOnlyDictionary<string, string?> Settings => Environment([]);

    private Dictionary<string, string?> Environment((string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string?>(Running.FastSweeps, StringComparer.Ordinal)
        {
            ["PLATFORM_DATABASE__CONNECTIONSTRING"] = connectionString,
            ["PLATFORM_BROKER__URI"] = broker.OriginalString,
            ["PLATFORM_BROKER__PREFIX"] = prefix,
            ["PLATFORM_STORAGE__PUBLICBASEURL"] = Address.OriginalString,
            ["PLATFORM_STORAGE__FOLDER"] = Folder["media"],
            // The receivers and files of the stories are on this machine, which the embedded mode allows by itself.
            ["PLATFORM_OUTBOUND__ALLOWEDNETWORKS__0"] = "127.0.0.0/8",
            ["PLATFORM_ADMIN_KEY"] = AdminKey,
        };
        foreach (var (name, value) in More ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            settings[name] = value;
        }

        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }
}
