using Npgsql;
using Platform.Persistence;

namespace Platform.Hosting.Doctor;

/// <summary>Whether the database answers, takes writes, has the right shape, connections to spare, and a clock like ours.</summary>
internal static class DatabaseChecks
{
    private const string Setting = "Database:ConnectionString (PLATFORM_DATABASE__CONNECTIONSTRING)";
    private const double ClockWarns = 2;
    private const double ClockFails = 30;

    private const string Look =
        """
        select current_setting('server_version_num')::int, pg_is_in_recovery(), current_setting('default_transaction_read_only')::bool,
               current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
               (select count(*)::int from pg_stat_activity where backend_type = 'client backend'), clock_timestamp()
        """;

    // More than a table has to spare in the pages that it has, so that the disk is asked for new ones.
    private const string TryToWrite =
        "create temporary table platform_doctor on commit drop as select sha512(n::text::bytea) from generate_series(1, 8192) as n";

    public static async Task<IReadOnlyList<Diagnosis>> RunAsync(Database database, DatabaseOptions options, CancellationToken cancellation)
    {
        var findings = new List<Diagnosis>();
        try
        {
            findings.AddRange(await LookAsync(database, options, cancellation));
            if (findings[0].Health == Health.Ok)
            {
                await WriteAsync(database, cancellation);
            }

            findings.Add(await CheckMigrationsAsync(database, cancellation));
        }
        catch (NpgsqlException fault)
        {
            findings.RemoveAll(static one => one.Check == "database");
            findings.Insert(0, Explain(fault));
        }
        catch (Exception fault) when (fault is TimeoutException or ArgumentException)
        {
            findings.Add(Diagnosis.Fault("database", $"The connection string does not work: {fault.Message}", $"Correct {Setting}."));
        }

        return findings;
    }

    internal static Diagnosis Explain(NpgsqlException fault) => fault switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } => Diagnosis.Fault(
            "database", "The database refuses this user or password.", $"Correct Username and Password in {Setting}."),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => Diagnosis.Fault(
            "database", "There is no such database on the server.", $"Create it, or correct Database in {Setting}."),
        PostgresException { SqlState: PostgresErrorCodes.CannotConnectNow } => Diagnosis.Fault(
            "database", "The database is starting, stopping or in recovery.", "Wait for it; its own log says how far it is. Processes go on by themselves."),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => Diagnosis.Fault(
            "database", "The database has no connection left.", "Raise its max_connections, or lower Database:MaxConnections of each process."),
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => Diagnosis.Fault(
            "database", "The database's disk is full.", "Free space on its volume; processes go on by themselves."),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => Diagnosis.Fault(
            "database", "The database takes no writes: it is in recovery or read-only.",
            $"Point {Setting} at the primary, or make this server one; 'doctor' says which it is. Processes go on by themselves."),
        PostgresException refused => Diagnosis.Fault(
            "database", $"The database refuses: {refused.MessageText} ({refused.SqlState}).", $"See the server's log; check {Setting}."),
        _ => Diagnosis.Fault(
            "database", $"The database cannot be reached: {fault.InnerException?.Message ?? fault.Message}",
            $"Start it, or correct Host and Port in {Setting}; look at firewalls between here and there."),
    };

    private static async Task<IReadOnlyList<Diagnosis>> LookAsync(Database database, DatabaseOptions options, CancellationToken cancellation)
    {
        await using var connection = await database.Relaxed.OpenConnectionAsync(cancellation);
        var asked = TimeProvider.System.GetUtcNow();
        await using var command = new NpgsqlCommand(Look, connection);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        var middle = asked + (TimeProvider.System.GetUtcNow() - asked) / 2;
        return
        [
            Judge(row.GetInt32(0), row.GetBoolean(1), row.GetBoolean(2)),
            JudgeConnections(row.GetInt32(3), row.GetInt32(4), Database.MostConnections(options.MaxConnections)),
            JudgeClock(row.GetFieldValue<DateTimeOffset>(5) - middle),
        ];
    }

    // A role without the right to temporary tables has been seen to answer, which has to do.
    private static async Task WriteAsync(Database database, CancellationToken cancellation)
    {
        try
        {
            await using var command = database.Durable.CreateCommand(TryToWrite);
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
        }
    }

    internal static Diagnosis Judge(int version, bool isInRecovery, bool isReadOnly) => (version, isInRecovery, isReadOnly) switch
    {
        (< 150000, _, _) => Diagnosis.Fault(
            "database", $"The server is PostgreSQL {version / 10000}; 15 or later is needed.", "Upgrade it."),
        (_, true, _) => Diagnosis.Fault(
            "database", "The server is in recovery: it is a standby, or comes back from a backup, and takes no writes.",
            $"Point {Setting} at the primary, or promote this server (select pg_promote())."),
        (_, _, true) => Diagnosis.Fault(
            "database", "The server is read-only (default_transaction_read_only).", "Find out who set it, usually a full disk's guard, and set it off."),
        _ => Diagnosis.Ok("database", $"PostgreSQL {version / 10000} answers and takes writes."),
    };

    internal static Diagnosis JudgeConnections(int most, int used, int wanted) => most - used < wanted
        ? Diagnosis.Warning(
            "connections", $"{used} of {most} connections are taken; another process may open {wanted}.",
            "Raise the server's max_connections, lower Database:MaxConnections, or put a pooler between that keeps sessions.")
        : Diagnosis.Ok("connections", $"{used} of {most} connections are taken.");

    internal static Diagnosis JudgeClock(TimeSpan ahead) => Math.Abs(ahead.TotalSeconds) switch
    {
        < ClockWarns => Diagnosis.Ok("clock", $"This machine and the database agree within {Math.Abs(ahead.TotalSeconds):0.0} s."),
        var off and < ClockFails => Diagnosis.Warning("clock", $"This machine's clock and the database's are {off:0.0} s apart.", SetClocks),
        var off => Diagnosis.Fault("clock", $"This machine's clock and the database's are {off:0} s apart.", SetClocks),
    };

    public const string SetClocks =
        "Set the clocks by NTP (timedatectl set-ntp true). Leases and webhooks' timestamps go by the database's clock alone; "
        + "deadlines, links, prices and the age of Stripe's events by the node's.";

    private static async Task<Diagnosis> CheckMigrationsAsync(Database database, CancellationToken cancellation)
    {
        try
        {
            var (applied, pending) = await MigrateDatabase.ReadStatusAsync(database.Durable, cancellation);
            return applied > MigrationScript.Embedded().Count
                ? Diagnosis.Warning(
                    "migrations", $"The database is at version {applied}, this program knows up to {MigrationScript.Embedded().Count}.",
                    "Fine while you go back to the release right before; else run the release that migrated it.")
                : pending.Count == 0
                ? Diagnosis.Ok("migrations", $"All {applied} are applied.")
                : Diagnosis.Fault(
                    "migrations", $"{pending.Count} are not applied: {string.Join(", ", pending.Select(static one => one.Name))}.",
                    "Run 'migrate' once with this release; processes wait for it.");
        }
        catch (MigrationRefusedException refused)
        {
            return Diagnosis.Fault("migrations", refused.Message, "Run the release that this database belongs to.");
        }
    }
}
