using Npgsql;

namespace Platform.Persistence;

/// <summary>
/// Brings the database to the shape this program was built for. Safe to call from many nodes at once and as often as they like.
/// </summary>
internal static partial class MigrateDatabase
{
    // Any number does, as long as it never changes: nodes of two versions must wait for each other.
    private const long LockKey = 0x706C6174666F726D;

    /// <summary>
    /// Applies what is missing, each script in its own transaction. Throws <see cref="MigrationRefusedException"/> when an applied script was
    /// edited. A database that is newer than this program is left as it is: the release before runs on it, so that one may go back.
    /// </summary>
    public static Task ApplyAsync(NpgsqlDataSource database, ILogger logger, CancellationToken cancellation) =>
        ApplyAsync(database, MigrationScript.Embedded(), logger, cancellation);

    /// <summary>
    /// Whether every script of this program is applied. A newer database is current too: migrations are made so that the previous
    /// program runs on them.
    /// </summary>
    public static async Task<bool> IsCurrentAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var exists = database.CreateCommand("select to_regclass('schema_migrations') is not null");
        if (await exists.ExecuteScalarAsync(cancellation) is not true)
        {
            return false;
        }

        await using var latest = database.CreateCommand("select coalesce(max(version), 0) from schema_migrations");
        return (int)(await latest.ExecuteScalarAsync(cancellation))! >= MigrationScript.Embedded().Count;
    }

    /// <summary>
    /// How many scripts of this program are applied, and how many the database has. Throws <see cref="MigrationRefusedException"/> when an
    /// applied one was edited.
    /// </summary>
    public static async Task<(int Applied, IReadOnlyList<MigrationScript> Pending)> ReadStatusAsync(
        NpgsqlDataSource database, CancellationToken cancellation)
    {
        var scripts = MigrationScript.Embedded();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var exists = new NpgsqlCommand("select to_regclass('schema_migrations') is not null", connection);
        if (await exists.ExecuteScalarAsync(cancellation) is not true)
        {
            return (0, scripts);
        }

        var applied = await ReadAppliedAsync(connection, cancellation);
        Check(applied, scripts);
        return (applied.Count, [.. scripts.Skip(applied.Count)]);
    }

    internal static async Task ApplyAsync(
        NpgsqlDataSource database, IReadOnlyList<MigrationScript> scripts, ILogger logger, CancellationToken cancellation)
    {
        if (!scripts.Select(script => script.Version).SequenceEqual(Enumerable.Range(1, scripts.Count)))
        {
            throw new InvalidOperationException("Migrations are numbered 1, 2, 3, … without a gap or a double.");
        }

        await using var connection = await database.OpenConnectionAsync(cancellation);
        while (await ApplyNextAsync(connection, scripts, cancellation) is { } applied)
        {
            LogApplied(logger, applied.Version, applied.Name);
        }

        if (await CountAppliedAsync(connection, cancellation) is var known && known > scripts.Count)
        {
            LogNewer(logger, known, scripts.Count);
        }
    }

    // One script a transaction, everything read again under the lock: whatever another node did meanwhile is seen, and a
    // node that dies half-way releases the lock and leaves nothing. (So a script cannot hold CREATE INDEX CONCURRENTLY.)
    private static async Task<MigrationScript?> ApplyNextAsync(
        NpgsqlConnection connection, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection, $"select pg_advisory_xact_lock({LockKey})", cancellation);
        await RunAsync(
            connection,
            """
            create table if not exists schema_migrations (
                version int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())
            """,
            cancellation);
        var applied = await ReadAppliedAsync(connection, cancellation);
        Check(applied, scripts);
        if (applied.Count >= scripts.Count)
        {
            await transaction.CommitAsync(cancellation);
            return null;
        }

        var next = scripts[applied.Count];
        await RunAsync(connection, next.Sql, cancellation);
        await RecordAsync(connection, next, cancellation);
        await transaction.CommitAsync(cancellation);
        return next;
    }

    private static void Check(List<(int Version, string Name, string Hash)> applied, IReadOnlyList<MigrationScript> scripts)
    {
        foreach (var (index, (version, name, hash)) in applied.Take(scripts.Count).Index())
        {
            if (version != index + 1 || !string.Equals(hash, scripts[index].Hash, StringComparison.Ordinal))
            {
                throw new MigrationRefusedException(
                    $"Migration {version:000}_{name} was applied with other content than this program holds: "
                    + "applied migrations are never edited, so put the file back and write a new one.");
            }
        }
    }

    private static async Task<int> CountAppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select count(*)::int from schema_migrations", connection);
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<List<(int Version, string Name, string Hash)>> ReadAppliedAsync(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select version, name, sha256 from schema_migrations order by version", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var applied = new List<(int, string, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            applied.Add((reader.GetInt32(0), reader.GetString(1), reader.GetString(2)));
        }

        return applied;
    }

    private static async Task RecordAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "insert into schema_migrations (version, name, sha256) values ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = script.Version }, new() { Value = script.Name }, new() { Value = script.Hash } },
        };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    // No time limit: building an index, or waiting for the node that does, takes as long as it takes.
    private static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(211, LogLevel.Information, "Applied migration {Version}: {Name}.")]
    private static partial void LogApplied(ILogger logger, int version, string name);

    [LoggerMessage(
        212,
        LogLevel.Warning,
        "The database is at version {Version}, this program knows up to {Known}: nothing is done. The release right before runs on it; an older one may not.")]
    private static partial void LogNewer(ILogger logger, int version, int known);
}
