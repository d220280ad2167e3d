using System.Collections.Concurrent;
using Npgsql;

namespace Platform.Persistence;

/// <summary>The open database of this process: one pool for what must survive a crash, one for what need not.</summary>
internal sealed class Database : IAsyncDisposable
{
    /// <summary>Connections for looking through lists.</summary>
    public const int LookConnections = 4;

    private const int ReportConnections = 4;
    private const int LeastToKeep = 4;
    private const string LookPlanning = "-c plan_cache_mode=force_custom_plan -c jit=off -c statement_timeout=5000";

    // The hot statements are large and few: planning one takes longer than running it, so each is planned once a connection. A plan made
    // while a table was small must not scan it once it is large, and every one of these statements has its index. A scan that cannot be
    // avoided is priced as if it took hours; the server would compile such a plan to machine code each time it runs, for seconds.
    private const string Planning = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off";

    private readonly ConcurrentDictionary<string, KeptConnection> _kept = new(StringComparer.Ordinal);

    // A pool of few has none to spare.
    private readonly bool _canKeep;

    public Database(string connectionString, int maxConnections)
    {
        Durable = Open("durable", connectionString, maxConnections, Planning);
        Relaxed = Open("relaxed", connectionString, maxConnections, $"{Planning} -c synchronous_commit=off");
        Reports = OpenForReports(connectionString);
        Looks = Open("looks", connectionString, Math.Min(LookConnections, maxConnections), LookPlanning);
        ConnectionString = connectionString;
        _canKeep = maxConnections >= LeastToKeep;
    }

    /// <summary>With its password, for tools that connect by themselves.</summary>
    public string ConnectionString { get; }

    /// <summary>A commit here is on disk when it returns.</summary>
    public NpgsqlDataSource Durable { get; }

    /// <summary>
    /// A commit here may be lost with the database server's crash, never with ours. For claims and lease renewals:
    /// losing one leaves a task that is claimed again, and the fence refuses the first claimant.
    /// </summary>
    public NpgsqlDataSource Relaxed { get; }

    /// <summary>
    /// For statements that read a whole period: planned anew each time and by what the tables hold, with no limit of time. Its few connections
    /// are opened when they are needed.
    /// </summary>
    public NpgsqlDataSource Reports { get; }

    /// <summary>
    /// For what customers and operators look through, whose length they choose by their filters: planned by what the tables hold, ended by the
    /// server after five seconds, and in connections of its own, so that looking never takes one from the work.
    /// </summary>
    public NpgsqlDataSource Looks { get; }

    /// <summary>The connection of one hot statement, of <see cref="Durable"/>: the same for everybody who names it.</summary>
    public KeptConnection KeepDurable(string statement) => Keep(statement, Durable);

    /// <summary>The connection of one hot statement, of <see cref="Relaxed"/>.</summary>
    public KeptConnection KeepRelaxed(string statement) => Keep(statement, Relaxed);

    /// <summary>How many connections a process may open that is given this number in its settings.</summary>
    public static int MostConnections(int maxConnections) => 2 * maxConnections + ReportConnections + LookConnections;

    /// <summary>
    /// Drops every connection that nobody uses, and the others when they come back: new ones find the server that has the address now, where a
    /// standby was promoted in the place of one that lives on.
    /// </summary>
    public void Clear()
    {
        Durable.Clear();
        Relaxed.Clear();
        Looks.Clear();
        Reports.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _kept.Values)
        {
            await one.DisposeAsync();
        }

        await Looks.DisposeAsync();
        await Reports.DisposeAsync();
        await Durable.DisposeAsync();
        await Relaxed.DisposeAsync();
    }

    private KeptConnection Keep(string statement, NpgsqlDataSource source) =>
        _kept.GetOrAdd(statement, _ => new KeptConnection(source, _canKeep));

    private static NpgsqlDataSource OpenForReports(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = ReportConnections,
            Options = "-c jit=off -c work_mem=64MB -c max_parallel_workers_per_gather=0",
            Enlist = false,
            Timeout = 5,
            CommandTimeout = 0,
            KeepAlive = 10,
            ApplicationName = "platform reports",
        };
        return new NpgsqlDataSourceBuilder(settings.ConnectionString) { Name = "reports" }.Build();
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
