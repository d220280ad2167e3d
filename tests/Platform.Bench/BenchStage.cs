using Npgsql;
using Platform.Bench.Measures;
using Platform.Bench.Stage;

namespace Platform.Bench;

/// <summary>Everything that a run starts, in a temporary folder of its own; all of it is gone when this is disposed of.</summary>
internal sealed class BenchStage : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> started = new();
    private readonly BenchOptions options;
    private PostgresServer? postgres;
    private RabbitServer? rabbit;

    private BenchStage(BenchOptions options)
    {
        this.options = options;
        // Not CreateTempSubdirectory: that shuts out every other user, and PostgreSQL may run as one.
        var folder = Path.Combine(Path.GetFullPath(options.Folder), "platform-bench-" + Path.GetRandomFileName());
        Folder = Directory.CreateDirectory(folder).FullName;
    }

    public string Folder { get; }

    private string ServerPath =>
        options.Server ?? Path.Combine(RepositoryRoot.Find(), "artifacts/bin/Platform.Server/release/Platform.Server.dll");

    public PostgresServer Postgres => postgres ?? throw new InvalidOperationException("PostgreSQL has not been started");

    public RabbitServer Rabbit => rabbit ?? throw new InvalidOperationException("RabbitMQ has not been started");

    public static async Task<BenchStage> StartAsync(BenchOptions options, CancellationToken cancellation)
    {
        var stage = new BenchStage(options);
        return await Undo.UnlessDoneAsync(stage, () => stage.StartServersAsync(cancellation));
    }

    /// <summary>Starts the platform on top.</summary>
    public async Task<PlatformNodes> StartPlatformAsync(CancellationToken cancellation)
    {
        var data = Directory.CreateDirectory(Path.Combine(Folder, "data")).FullName;
        var address = new Uri($"http://127.0.0.1:{Loopback.FindFreePorts(1)[0]}");
        var settings = ServerCommands.Settings(Postgres.ConnectionString, Rabbit.Address, address, data, options.Slots);
        var nodes = await PlatformNodes.StartAsync(new NodeStart(ServerPath, Folder, address, settings), cancellation);
        started.Push(nodes);
        return nodes;
    }

    /// <summary>An installation beside others: its own database, queues and folder.</summary>
    public async Task<NodeStart> PrepareAsync(string name, IReadOnlyDictionary<string, string> more, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
        var address = new Uri($"http://127.0.0.1:{Loopback.FindFreePorts(1)[0]}");
        var database = await Postgres.CreateDatabaseAsync(name, cancellation);
        var settings = ServerCommands.Settings(database, Rabbit.Address, address, folder, options.Slots);
        settings["PLATFORM_BROKER__PREFIX"] = name;
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return new NodeStart(ServerPath, folder, address, settings);
    }

    /// <summary>Starts its three nodes.</summary>
    public async Task<PlatformNodes> StartAsync(NodeStart start, CancellationToken cancellation)
    {
        var nodes = await PlatformNodes.StartAsync(start, cancellation);
        started.Push(nodes);
        return nodes;
    }

    /// <summary>The database of the platform that <see cref="StartPoolsPlatformAsync"/> starts.</summary>
    public string PoolsConnectionString => new NpgsqlConnectionStringBuilder(Postgres.ConnectionString) { Database = "pools" }.ConnectionString;

    /// <summary>Starts a platform beside the other, with a database and queues of its own. Whoever asks disposes of it.</summary>
    public async Task<PlatformNodes> StartPoolsPlatformAsync(IReadOnlyDictionary<string, string> more, CancellationToken cancellation)
    {
        await using (var source = NpgsqlDataSource.Create(Postgres.ConnectionString))
        await using (var create = source.CreateCommand("create database pools"))
        {
            await create.ExecuteNonQueryAsync(cancellation);
        }

        var folder = Directory.CreateDirectory(Path.Combine(Folder, "pools")).FullName;
        var address = new Uri($"http://127.0.0.1:{Loopback.FindFreePorts(1)[0]}");
        var settings = ServerCommands.Settings(PoolsConnectionString, Rabbit.Address, address, Path.Combine(folder, "data"), slots: null);
        settings["PLATFORM_BROKER__PREFIX"] = "pools";
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return await PlatformNodes.StartAsync(new NodeStart(ServerPath, folder, address, settings), cancellation);
    }

    /// <summary>Every program whose CPU and memory count, the client excepted.</summary>
    public ProcessGroups Groups(PlatformNodes nodes) => new([.. nodes.Processes, ("postgres", Postgres.Pid), ("rabbitmq", Rabbit.Pid)]);

    public async ValueTask DisposeAsync()
    {
        while (started.TryPop(out var one))
        {
            await one.DisposeAsync();
        }

        if (!options.KeepsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private async Task StartServersAsync(CancellationToken cancellation)
    {
        var ports = Loopback.FindFreePorts(4);
        postgres = await PostgresServer.StartAsync(Folder, ports[0], options.CountsStatements, cancellation);
        started.Push(postgres);
        rabbit = await RabbitServer.StartAsync(Folder, new RabbitPorts(ports[1], ports[2], ports[3]), cancellation);
        started.Push(rabbit);
    }
}
