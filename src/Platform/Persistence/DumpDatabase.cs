using System.Diagnostics;
using Npgsql;

namespace Platform.Persistence;

/// <summary>A backup or a restore cannot be done; the message says why and what to do.</summary>
internal sealed class BackupRefusedException(string message) : Exception(message);

/// <summary>
/// Writes the whole database to a file and brings it back, with PostgreSQL's own <c>pg_dump</c> and <c>pg_restore</c>. The dump is one snapshot,
/// taken beside a running platform.
/// </summary>
internal static class DumpDatabase
{
    private const string DebianFolder = "/usr/lib/postgresql";

    public static Task WriteAsync(Database database, string file, CancellationToken cancellation) =>
        // What is unlogged is of this moment: rates and heartbeats.
        RunAsync("pg_dump", ["--format=custom", "--no-owner", "--no-privileges", "--no-unlogged-table-data", $"--file={file}"], database, cancellation);

    /// <summary>Replaces what is in a database that no tenant has used yet.</summary>
    /// <exception cref="BackupRefusedException">Somebody has used it, or the tool failed.</exception>
    public static async Task ReadAsync(Database database, string file, CancellationToken cancellation)
    {
        if (await HasTenantsAsync(database, cancellation))
        {
            throw new BackupRefusedException("The database has tenants in it. Restore into an empty one: a new database, or a new data folder.");
        }

        await using (var empty = database.Reports.CreateCommand(
            "drop schema public cascade; create schema public authorization pg_database_owner; grant usage on schema public to public"))
        {
            await empty.ExecuteNonQueryAsync(cancellation);
        }

        await RunAsync(
            "pg_restore", ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--dbname", "", file], database, cancellation);
    }

    private static async Task<bool> HasTenantsAsync(Database database, CancellationToken cancellation)
    {
        await using var exists = database.Reports.CreateCommand("select to_regclass('tenants') is not null");
        if (await exists.ExecuteScalarAsync(cancellation) is not true)
        {
            return false;
        }

        await using var any = database.Reports.CreateCommand("select exists (select from tenants)");
        return await any.ExecuteScalarAsync(cancellation) is true;
    }

    private static async Task RunAsync(string tool, string[] arguments, Database database, CancellationToken cancellation)
    {
        var target = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var start = new ProcessStartInfo(FindTool(tool), arguments.Select(one => one.Length == 0 ? target.Database! : one))
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // By the environment, where no list of processes shows it.
        start.Environment["PGHOST"] = target.Host;
        start.Environment["PGPORT"] = $"{target.Port}";
        start.Environment["PGUSER"] = target.Username;
        start.Environment["PGDATABASE"] = target.Database;
        if (target.Password is { Length: > 0 } password)
        {
            start.Environment["PGPASSWORD"] = password;
        }

        using var process = Process.Start(start) ?? throw new BackupRefusedException($"{tool} could not be started.");
        try
        {
            var errors = await process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
            {
                throw new BackupRefusedException($"{tool} failed: {errors.Trim()}");
            }
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    // The newest: it reads every older server, and an older one refuses a newer server.
    private static string FindTool(string tool)
    {
        var installed = Directory.Exists(DebianFolder)
            ? Directory.GetDirectories(DebianFolder)
                .OrderByDescending(static folder => int.TryParse(Path.GetFileName(folder), out var major) ? major : 0)
                .Select(folder => Path.Combine(folder, "bin", tool))
            : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, tool));
        return installed.Concat(onPath).FirstOrDefault(File.Exists)
            ?? throw new BackupRefusedException($"{tool} is not installed: install the package postgresql-client.");
    }
}
