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
        var json = Verb.Json();
        var migrate = new Command("migrate", "Bring the database of Database:ConnectionString to this program's version. Safe to run again.")
        {
            status, dryRun, json,
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

            using var logs = LoggerFactory.Create(static logging => logging.AddConsole());
            await MigrateDatabase.ApplyAsync(database.Durable, logs.CreateLogger("Platform"), cancellation);
            Console.WriteLine("The database is up to date.");
            return 0;
        });
        return migrate;
    }
}
