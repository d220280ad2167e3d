using System.CommandLine;
using Platform.Hosting;
using Platform.Persistence;

namespace Platform.Server;

/// <summary><c>migrate</c>: brings the database to this program's version, or says what that would take.</summary>
internal static class MigrateVerb
{
    public static Command Create()
    {
        var status = new Option<bool>("--status") { Description = "Only say what is applied and what is not. Ends with 1 when something is not." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only print the statements that would run." };
        var wait = new Option<int>("--wait")
        {
            Description = "How long to wait for a server that does not answer yet, in seconds.", DefaultValueFactory = static _ => 1800,
        };
        var json = Verb.Json();
        var migrate = new Command(
            "migrate", "Bring the database of Database:ConnectionString to this program's version. Waits for the server; safe to run again.")
        {
            status, dryRun, wait, json,
        };
        migrate.SetAction(async (given, cancellation) =>
        {
            var options = PlatformHost.CreateBuilder([]).Configuration.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>();
            if (options is not { ConnectionString.Length: > 0 })
            {
                throw new StartupException(
                    "Set Database:ConnectionString (PLATFORM_DATABASE__CONNECTIONSTRING). The private database migrates itself at its start.");
            }

            await using var database = new Database(options.ConnectionString, options.MaxConnections);
            if (given.GetValue(status) || given.GetValue(dryRun))
            {
                var (applied, pending) = await MigrateDatabase.ReadStatusAsync(database.Durable, cancellation);
                Verb.Answer(
                    given.GetValue(json),
                    new { Applied = applied, Pending = pending.Select(static one => one.Name) },
                    given.GetValue(dryRun)
                        ? string.Join("\n", pending.Select(static one => $"-- {one.Version:000}_{one.Name}\n{one.Sql}"))
                        : string.Join(", ", [$"{applied} migrations are applied; {pending.Count} are not", .. pending.Select(static one => one.Name)]));
                return pending.Count == 0 || given.GetValue(dryRun) ? 0 : 1;
            }

            // What it says of its progress goes to standard error, so that the answer is alone on standard output.
            using var logs = LoggerFactory.Create(static logging => logging.AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
            var log = logs.CreateLogger("Platform");
            await WaitAsync(database, TimeSpan.FromSeconds(given.GetValue(wait)), log, cancellation);
            await MigrateDatabase.ApplyAsync(database.Durable, log, cancellation);
            var (all, _) = await MigrateDatabase.ReadStatusAsync(database.Durable, cancellation);
            Verb.Answer(given.GetValue(json), new { Applied = all, Pending = Array.Empty<string>() }, "The database is up to date.");
            return 0;
        });
        return migrate;
    }

    private static async Task WaitAsync(Database database, TimeSpan patience, ILogger log, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(patience);
        try
        {
            await DatabaseSetup.WaitForServerAsync(database, log, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new StartupException(
                $"The database did not answer, or took no writes, for {patience.TotalSeconds:0} s. "
                + "Start it, or correct Database:ConnectionString; 'doctor' says more.");
        }
    }
}
