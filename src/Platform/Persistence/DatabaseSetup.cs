using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Persistence.Embedded;

namespace Platform.Persistence;

/// <summary>The only place that knows whether the database is a private child or somebody's server.</summary>
internal sealed partial class DatabaseSetup : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>What helps whoever asks in a folder that has no database.</summary>
    public const string SayWhere = "Say where it is: --data FOLDER (or PLATFORM_DATA) for the one that './dev run' keeps, "
        + "Database:ConnectionString (PLATFORM_DATABASE__CONNECTIONSTRING) for a server's.";

    private readonly EmbeddedPostgres? _embedded;

    private DatabaseSetup(Database database, EmbeddedPostgres? embedded)
    {
        Database = database;
        _embedded = embedded;
    }

    public Database Database { get; }

    /// <summary>Completes when a private server died under us: the process can do nothing better than end and be started again.</summary>
    public Task Lost => _embedded?.Exited ?? Task.Delay(Timeout.Infinite);

    /// <summary>
    /// Opens the database: starts and migrates the private one, or waits for the given server for as long as it takes, and then for
    /// somebody to migrate it.
    /// </summary>
    public static async Task<DatabaseSetup> OpenAsync(
        DatabaseOptions options, string dataFolder, ILogger log, CancellationToken cancellation)
    {
        if (options.ConnectionString.Length == 0)
        {
            var embedded = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions
                {
                    DataFolder = dataFolder,
                    BinariesFolder = options.BinaryFolder.Length > 0 ? options.BinaryFolder : null,
                },
                log,
                cancellation);
            var own = new Database(embedded.ConnectionString, options.MaxConnections);
            await MigrateDatabase.ApplyAsync(own.Durable, log, cancellation);
            return new DatabaseSetup(own, embedded);
        }

        var database = new Database(options.ConnectionString, options.MaxConnections);
        await WaitAsync(database, log, cancellation);
        await WaitForServerAsync(database, log, cancellation);
        return new DatabaseSetup(database, null);
    }

    /// <summary>
    /// The same for a verb that ends soon: beside a process that has the private server, it joins that server. A private database is only
    /// made where <paramref name="mayMake"/> says so: a new one in the wrong folder would look like data that are gone.
    /// </summary>
    /// <exception cref="EmbeddedPostgresException">There is no database in the folder.</exception>
    public static async Task<DatabaseSetup> JoinAsync(
        DatabaseOptions options, string dataFolder, bool mayMake, ILogger log, CancellationToken cancellation)
    {
        if (options.ConnectionString.Length == 0 && !mayMake && !PostgresHome.Remembered(dataFolder).HasCluster)
        {
            throw new EmbeddedPostgresException($"There is no database in {dataFolder}. {SayWhere}");
        }

        var connection = options.ConnectionString.Length > 0 ? options.ConnectionString : RunningServer.FindConnection(dataFolder);
        if (connection is null)
        {
            return await OpenAsync(options, dataFolder, log, cancellation);
        }

        // Most verbs only read, which a standby answers as well.
        var shared = new Database(connection, options.ConnectionString.Length > 0 ? options.MaxConnections : 2);
        await WaitAsync(shared, log, cancellation);
        return new DatabaseSetup(shared, null);
    }

    /// <summary>Registers an open database for all who read and write it.</summary>
    public static void Register(IServiceCollection services, Database database)
    {
        services.AddSingleton(database);
        services.AddSingleton<DatabaseRetry>();
        services.AddPooledDbContextFactory<PlatformDb>(options => options.UseNpgsql(database.Durable));
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }

    private static Task WaitAsync(Database database, ILogger log, CancellationToken cancellation) => WaitAsync(
        async () =>
        {
            var isCurrent = await MigrateDatabase.IsCurrentAsync(database.Durable, cancellation);
            if (!isCurrent)
            {
                LogNotMigrated(log);
            }

            return isCurrent;
        },
        log,
        cancellation);

    /// <summary>Waits until the server answers and takes writes, for as long as it takes: whoever migrates may be there before the database is.</summary>
    public static Task WaitForServerAsync(Database database, ILogger log, CancellationToken cancellation) => WaitAsync(
        async () =>
        {
            await using var look = database.Durable.CreateCommand("select not current_setting('transaction_read_only')::bool");
            var takesWrites = await look.ExecuteScalarAsync(cancellation) is true;
            if (!takesWrites)
            {
                LogReadOnly(log);
                database.Clear();
            }

            return takesWrites;
        },
        log,
        cancellation);

    private static async Task WaitAsync(Func<Task<bool>> look, ILogger log, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                if (await look())
                {
                    return;
                }
            }
            catch (NpgsqlException fault) when (DatabaseRetry.MayPass(fault) && !(fault is PostgresException refused && DatabaseRetry.RefusesEntry(refused)))
            {
                LogWaiting(log, tries, fault.Message);
            }

            await Task.Delay(BetweenLooks, cancellation);
        }
    }

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "Waiting for the database, look {Tries}: {Reason}")]
    private static partial void LogWaiting(ILogger log, int tries, string reason);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Warning, Message = "Waiting for somebody to run 'migrate': the database is older than this program")]
    private static partial void LogNotMigrated(ILogger log);

    [LoggerMessage(
        EventId = 1104, Level = LogLevel.Warning, Message = "Waiting for a database that takes writes: this one is in recovery or read-only")]
    private static partial void LogReadOnly(ILogger log);
}
