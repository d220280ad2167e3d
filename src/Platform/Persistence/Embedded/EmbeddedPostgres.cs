using Npgsql;

namespace Platform.Persistence.Embedded;

/// <summary>
/// A private PostgreSQL that lives and dies with this process: its data stands in the data folder, it listens on a Unix
/// socket alone, and it never runs as root. Whatever goes wrong is an <see cref="EmbeddedPostgresException"/>.
/// </summary>
internal sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    public const string Role = "platform";

    private readonly RunningCluster cluster;
    private readonly ILogger logger;
    private readonly TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int stopping;

    private EmbeddedPostgres(RunningCluster cluster, ILogger logger)
    {
        (this.cluster, this.logger) = (cluster, logger);
        _ = WatchAsync();
    }

    /// <summary>Reaches the database <c>platform</c>. It holds for this start; another start may use another socket.</summary>
    public string ConnectionString => Connect(Role, cluster.SocketFolder);

    /// <summary>The process id of the server.</summary>
    public int ProcessId => cluster.Server.Id;

    /// <summary>Completes when the server ends although nobody asked it to; nothing works from then on.</summary>
    public Task Exited => exited.Task;

    /// <summary>Starts the database, makes it first when the data folder has none, and returns when it takes connections.</summary>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(options.StartTimeout);
        var data = Path.GetFullPath(options.DataFolder);
        var running = new RunningCluster { LogFile = Path.Combine(data, "postgres.log"), StopTimeout = options.StopTimeout };
        try
        {
            Directory.CreateDirectory(data);
            await PrepareAsync(options with { DataFolder = data }, running, logger, deadline.Token);
            await running.LaunchAsync(options, deadline.Token);
            await CreateDatabaseAsync(running.SocketFolder, deadline.Token);
            LogStarted(logger, running.Binaries.Major, running.Home.Cluster, running.Server.Id);
            return new EmbeddedPostgres(running, logger);
        }
        catch (Exception failure)
        {
            await running.DisposeAsync();
            if (!cancellation.IsCancellationRequested && Explain(failure, options, running) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    /// <summary>A fast shutdown, waited for; the cluster is consistent afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref stopping, 1) == 0)
        {
            await cluster.DisposeAsync();
        }
    }

    private static async Task PrepareAsync(
        EmbeddedPostgresOptions options, RunningCluster running, ILogger logger, CancellationToken cancellation)
    {
        var home = PostgresHome.Remembered(options.DataFolder);
        running.Binaries = await PostgresBinaries.FindAsync(options.BinariesFolder, home.ExistingCluster, cancellation);
        running.Account = await OsAccount.ForDatabaseAsync(home.ExistingCluster, cancellation);
        running.Home = await home.MakeReachableAsync(options.DataFolder, running.Account, cancellation);
        if (running.Home != home)
        {
            LogElsewhere(logger, running.Home.Folder, options.DataFolder, running.Account!.Name);
        }

        running.TakeLock();
        if (running.Home.ExistingCluster is { } existing)
        {
            await StopOrphan.RunAsync(existing, options.StopTimeout, logger, cancellation);
        }
        else
        {
            LogCreating(logger, running.Home.Cluster, running.Binaries.Major);
            var durable = !options.Settings.TryGetValue("fsync", out var fsync) || fsync is not "off";
            await InitializeCluster.RunAsync(running, durable, cancellation);
        }
    }

    private static EmbeddedPostgresException? Explain(Exception failure, EmbeddedPostgresOptions options, RunningCluster running) =>
        failure switch
        {
            OperationCanceledException => EmbeddedPostgresException.FromOutput(
                $"The database was not ready after {options.StartTimeout.TotalSeconds:0} s.", running.Log.LastLines, options.DataFolder),
            UnauthorizedAccessException => new EmbeddedPostgresException(
                $"{options.DataFolder} holds files of another user ({failure.Message}): start as that user, or with another data folder.",
                failure),
            IOException or NpgsqlException => EmbeddedPostgresException.FromOutput(
                $"The database could not be started: {failure.Message}", running.Log.LastLines, options.DataFolder),
            _ => null,
        };

    private static async Task CreateDatabaseAsync(string socketFolder, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(Connect("postgres", socketFolder) + ";Pooling=false");
        await connection.OpenAsync(cancellation);
        await using var look = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection)
        {
            Parameters = { new() { Value = Role } },
        };
        if (await look.ExecuteScalarAsync(cancellation) is null)
        {
            await using var create = new NpgsqlCommand($"create database {Role}", connection);
            await create.ExecuteNonQueryAsync(cancellation);
        }
    }

    internal static string Connect(string database, string socketFolder) => new NpgsqlConnectionStringBuilder
    {
        Host = socketFolder,
        Port = int.Parse(SocketFolder.Port),
        Username = Role,
        Database = database,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    private async Task WatchAsync()
    {
        var exitCode = await cluster.Server.Exit;
        if (Volatile.Read(ref stopping) == 0)
        {
            LogDied(logger, exitCode, cluster.LogFile);
            exited.SetResult();
        }
    }

    [LoggerMessage(202, LogLevel.Information, "Creating the database in {Cluster} with PostgreSQL {Major}.")]
    private static partial void LogCreating(ILogger logger, string cluster, int major);

    [LoggerMessage(203, LogLevel.Warning, "The database is in {Home}, because the user {User} cannot enter {DataFolder}.")]
    private static partial void LogElsewhere(ILogger logger, string home, string dataFolder, string user);

    [LoggerMessage(204, LogLevel.Information, "PostgreSQL {Major} runs on {Cluster} as process {ProcessId}.")]
    private static partial void LogStarted(ILogger logger, int major, string cluster, int processId);

    [LoggerMessage(205, LogLevel.Critical, "The database ended unexpectedly with code {ExitCode}; {LogFile} says why.")]
    private static partial void LogDied(ILogger logger, int exitCode, string logFile);
}
