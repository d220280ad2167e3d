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
    // pg_dump and pg_restore of this version and later set it.
    private const int FirstWithTransactionTimeout = 17;

    private const string SystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";
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

        string[] restore = ["--no-owner", "--no-privileges", file];
        var server = await MajorOfAsync(database, cancellation);
        if (server < FirstWithTransactionTimeout && MajorOf(FindTool("pg_restore", server)) > server)
        {
            await ReadIntoOlderAsync(restore, server, database, cancellation);
            return;
        }

        await RunAsync("pg_restore", ["--exit-on-error", "--single-transaction", "--dbname", "", .. restore], database, cancellation);
    }

    /// <summary>
    /// What a newer <c>pg_restore</c> writes begins with settings that an older server does not know and would refuse.
    /// </summary>
    internal static string? ForOlder(string line) => line.StartsWith("SET transaction_timeout", StringComparison.Ordinal) ? null : line;

    // By way of psql, because pg_restore sends its settings as they are.
    internal static async Task ReadIntoOlderAsync(string[] restore, int server, Database database, CancellationToken cancellation)
    {
        using var reading = Start(FindTool("pg_restore", server), ["--file=-", .. restore], database);
        using var writing = Start(
            FindTool("psql", server), ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"], database);
        try
        {
            // The head line by line, until the setting has gone by; the rest, which may be large, as it comes.
            var (errors, faults) = (reading.StandardError.ReadToEndAsync(cancellation), writing.StandardError.ReadToEndAsync(cancellation));
            try
            {
                // The end of what psql reads is no failure to it: only a dump that was read whole is committed.
                await writing.StandardInput.WriteAsync("begin;\n".AsMemory(), cancellation);
                await CopyWithoutSettingAsync(reading.StandardOutput, writing.StandardInput, cancellation);
                await reading.WaitForExitAsync(cancellation);
                if (reading.ExitCode == 0)
                {
                    await writing.StandardInput.WriteAsync("commit;\n".AsMemory(), cancellation);
                }

                writing.StandardInput.Close();
            }
            catch (IOException)
            {
                // psql has ended early, and says why.
            }

            await writing.WaitForExitAsync(cancellation);
            if (writing.ExitCode != 0)
            {
                throw new BackupRefusedException($"psql failed: {(await faults).Trim()}");
            }

            await reading.WaitForExitAsync(cancellation);
            if (reading.ExitCode != 0)
            {
                throw new BackupRefusedException($"pg_restore failed: {(await errors).Trim()}");
            }
        }
        finally
        {
            foreach (var process in ((Process[])[reading, writing]).Where(static one => !one.HasExited))
            {
                process.Kill();
            }
        }
    }

    private static async Task CopyWithoutSettingAsync(StreamReader from, StreamWriter to, CancellationToken cancellation)
    {
        var passed = false;
        while (!passed && await from.ReadLineAsync(cancellation) is { } line)
        {
            passed = ForOlder(line) is null;
            if (!passed)
            {
                await to.WriteAsync($"{line}\n".AsMemory(), cancellation);
            }
        }

        var buffer = new char[64 * 1024];
        while (await from.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        await to.FlushAsync(cancellation);
    }

    private static async Task<int> MajorOfAsync(Database database, CancellationToken cancellation)
    {
        await using var ask = database.Reports.CreateCommand("select current_setting('server_version_num')::int / 10000");
        return (int)(await ask.ExecuteScalarAsync(cancellation))!;
    }

    // Of a tool in Debian's folders; 0 for one on the path, which is used as it is.
    private static int MajorOf(string tool) =>
        int.TryParse(Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(tool))), out var major) ? major : 0;

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

    private static Process Start(string tool, IEnumerable<string> arguments, Database database)
    {
        var target = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var start = new ProcessStartInfo(tool, arguments.Select(one => one.Length == 0 ? target.Database! : one))
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in EnvironmentOf(target))
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new BackupRefusedException($"{tool} could not be started.");
    }

    /// <summary>How PostgreSQL's tools are told what the driver is told; by the environment, where no list of processes shows it.</summary>
    internal static IReadOnlyDictionary<string, string> EnvironmentOf(NpgsqlConnectionStringBuilder target)
    {
        var given = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PGHOST"] = target.Host,
            ["PGPORT"] = $"{target.Port}",
            ["PGUSER"] = target.Username,
            ["PGDATABASE"] = target.Database,
            ["PGPASSWORD"] = target.Password,
            ["PGSSLMODE"] = target.SslMode switch
            {
                SslMode.Disable => "disable",
                SslMode.Allow => "allow",
                SslMode.Require => "require",
                SslMode.VerifyCA => "verify-ca",
                SslMode.VerifyFull => "verify-full",
                _ => "prefer",
            },
            // The driver verifies by the system's authorities where none is given, the tools by none.
            ["PGSSLROOTCERT"] = target.RootCertificate is { Length: > 0 } root ? root
                : target.SslMode is SslMode.VerifyFull or SslMode.VerifyCA ? SystemAuthorities : null,
            ["PGSSLCERT"] = target.SslCertificate,
            ["PGSSLKEY"] = target.SslKey,
        };
        return given.Where(static one => one.Value is { Length: > 0 }).ToDictionary(static one => one.Key, static one => one.Value!, StringComparer.Ordinal);
    }

    private static async Task RunAsync(string tool, string[] arguments, Database database, CancellationToken cancellation)
    {
        using var process = Start(FindTool(tool, await MajorOfAsync(database, cancellation)), arguments, database);
        try
        {
            process.StandardInput.Close();
            var said = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = await process.StandardError.ReadToEndAsync(cancellation);
            await said;
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

    // The server's own version, else the next newer one, else the newest: a tool reads every older server, and refuses a newer one.
    private static string FindTool(string tool, int server)
    {
        var installed = Directory.Exists(DebianFolder)
            ? Directory.GetDirectories(DebianFolder)
                .Select(static folder => (Folder: folder, Major: int.TryParse(Path.GetFileName(folder), out var major) ? major : 0))
                .OrderBy(one => one.Major >= server ? one.Major : int.MaxValue - one.Major)
                .Select(one => Path.Combine(one.Folder, "bin", tool))
            : [];
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, tool));
        return installed.Concat(onPath).FirstOrDefault(File.Exists)
            ?? throw new BackupRefusedException($"{tool} is not installed: install the package postgresql-client.");
    }
}
