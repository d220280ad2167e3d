using Npgsql;

namespace Platform.Persistence;

/// <summary>The open database of this process: one pool for what must survive a crash, one for what need not.</summary>
internal sealed class Database : IAsyncDisposable
{
    // The hot statements are large and few: planning one takes longer than running it, so each is planned once a connection. A plan made
    // while a table was small must not scan it once it is large, and every one of these statements has its index.
    private const string Planning = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off";

    public Database(string connectionString, int maxConnections)
    {
        Durable = Open("durable", connectionString, maxConnections, Planning);
        Relaxed = Open("relaxed", connectionString, maxConnections, $"{Planning} -c synchronous_commit=off");
    }

    /// <summary>A commit here is on disk when it returns.</summary>
    public NpgsqlDataSource Durable { get; }

    /// <summary>
    /// A commit here may be lost with the database server's crash, never with ours. For claims and lease renewals:
    /// losing one leaves a task that is claimed again, and the fence refuses the first claimant.
    /// </summary>
    public NpgsqlDataSource Relaxed { get; }

    public async ValueTask DisposeAsync()
    {
        await Durable.DisposeAsync();
        await Relaxed.DisposeAsync();
    }

    private static NpgsqlDataSource Open(string name, string connectionString, int maxConnections, string serverOptions)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxAutoPrepare = 40,
            AutoPrepareMinUsages = 2,
            MaxPoolSize = maxConnections,
            Options = serverOptions,
            Enlist = false,
            NoResetOnClose = true,
            Timeout = 5,
            CommandTimeout = 15,
            KeepAlive = 10,
            ApplicationName = "platform",
        };

        // Without a name of its own the driver's metrics would show the connection string.
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = name }.Build();
    }
}
