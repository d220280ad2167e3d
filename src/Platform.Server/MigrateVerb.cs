using System.CommandLine;
using Platform.Hosting;
using Platform.Persistence;

namespace Platform.Server;

/// <summary><c>migrate</c>: brings the database to this program's version.</summary>
internal static class MigrateVerb
{
    public static Command Create()
    {
        var migrate = new Command("migrate", "Bring the database of Database:ConnectionString to this program's version. Safe to run again.");
        migrate.SetAction(async (_, cancellation) =>
        {
            using var logs = LoggerFactory.Create(static logging => logging.AddConsole());
            var settings = PlatformHost.CreateBuilder([]).Configuration;
            var options = settings.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>();
            if (options is not { ConnectionString.Length: > 0 })
            {
                throw new StartupException(
                    "Set Database:ConnectionString (PLATFORM_DATABASE__CONNECTIONSTRING). The private database migrates itself at its start.");
            }

            await using var database = new Database(options.ConnectionString, options.MaxConnections);
            await MigrateDatabase.ApplyAsync(database.Durable, logs.CreateLogger("Platform"), cancellation);
            Console.WriteLine("The database is up to date.");
        });
        return migrate;
    }
}
