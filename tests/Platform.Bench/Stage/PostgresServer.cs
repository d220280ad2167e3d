using Npgsql;
using Platform.Bench.Measures;

namespace Platform.Bench.Stage;

/// <summary>
/// A private PostgreSQL with every durability setting at its default: fsync, full page writes and synchronous commit are on.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly Child child;

    private PostgresServer(Child child, string connectionString)
    {
        this.child = child;
        ConnectionString = connectionString;
    }

    public string ConnectionString { get; }

    public int Pid => child.Pid;

    public static async Task<PostgresServer> StartAsync(string folder, int port, bool countsStatements, CancellationToken cancellation)
    {
        var binaries = FindBinaries();
        var home = Directory.CreateDirectory(Path.Combine(folder, "postgres")).FullName;
        var data = Path.Combine(home, "data");
        await GiveToPostgresAsync(home, cancellation);
        await Child.RunAsync(
            Drop("initdb", Path.Combine(binaries, "initdb"),
                ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]),
            cancellation);
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={port}", $"unix_socket_directories={home}", "max_connections=200",
            .. countsStatements ? StatementTimes.Settings : [],
        ];
        string[] arguments = ["-D", data, .. settings.SelectMany(setting => (string[])["-c", setting])];
        var postmaster = Child.Start(Drop("postgres", Path.Combine(binaries, "postgres"), arguments), folder);
        var server = new PostgresServer(postmaster, $"Host=127.0.0.1;Port={port};Username=postgres;Database=bench");
        return await Undo.UnlessDoneAsync(server, () => server.CreateDatabaseAsync(cancellation));
    }

    /// <summary>One more database, for an installation of its own.</summary>
    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand($"create database {name}");
        await command.ExecuteNonQueryAsync(cancellation);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    public ValueTask DisposeAsync() => child.DisposeAsync();

    private async Task CreateDatabaseAsync(CancellationToken cancellation)
    {
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres", Pooling = false };
        await child.WaitUntilAsync(
            async token =>
            {
                try
                {
                    await using var connection = new NpgsqlConnection(builder.ConnectionString);
                    await connection.OpenAsync(token);
                    await using var command = new NpgsqlCommand("create database bench", connection);
                    await command.ExecuteNonQueryAsync(token);
                    return true;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(30),
            cancellation);
    }

    private static string FindBinaries()
    {
        const string Debian = "/usr/lib/postgresql";
        var installed = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(path => int.TryParse(Path.GetFileName(path), out var major) ? major : 0)
            : Enumerable.Empty<string>();
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return installed.Select(path => Path.Combine(path, "bin")).Concat(onPath)
            .FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")))
            ?? throw new BenchException("PostgreSQL is not installed: install the package postgresql");
    }

    /// <summary>PostgreSQL refuses to run as root, so root hands the folder to the user postgres and starts it as that user.</summary>
    private static async Task GiveToPostgresAsync(string home, CancellationToken cancellation)
    {
        if (Libc.GetEffectiveUser() == 0)
        {
            await Child.RunAsync(new ChildStart("chown", "chown", ["postgres:postgres", home]), cancellation);
        }
    }

    private static ChildStart Drop(string name, string program, string[] arguments)
    {
        string[] asPostgres = ["--reuid=postgres", "--regid=postgres", "--init-groups", program, .. arguments];
        var start = Libc.GetEffectiveUser() == 0 ? new ChildStart(name, "setpriv", asPostgres) : new ChildStart(name, program, arguments);
        return start with { StopSignal = Libc.SigInt };
    }
}
