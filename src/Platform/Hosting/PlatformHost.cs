using Platform.Api.Admin;
using Platform.Messaging;
using Platform.Persistence;

namespace Platform.Hosting;

/// <summary>What every verb of the command line needs: settings and a database.</summary>
internal static class PlatformHost
{
    /// <summary>Where the admin key ends up, wherever it was given.</summary>
    public const string AdminKeySetting = $"{AdminOptions.Section}:{nameof(AdminOptions.Key)}";

    // PLATFORM_ADMIN_KEY without its prefix. The contract names it so, with one underscore, which no section would have.
    private const string AdminKeyVariable = "ADMIN_KEY";

    /// <summary>Settings come from appsettings.json beside the program, then <c>PLATFORM_</c> variables, then the command line.</summary>
    /// <exception cref="StartupException">Some of them are wrong.</exception>
    public static WebApplicationBuilder CreateBuilder(string[] arguments)
    {
        var builder = ReadSettings(arguments);
        SettingsCheck.Run(builder.Configuration, arguments);
        return builder;
    }

    /// <summary>The same without looking whether they are right, for whoever reports on them.</summary>
    public static WebApplicationBuilder ReadSettings(string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("PLATFORM_");
        builder.Configuration.AddCommandLine(arguments);
        if (builder.Configuration[AdminKeyVariable] is { Length: > 0 } adminKey)
        {
            builder.Configuration[AdminKeySetting] = adminKey;
        }

        builder.Logging.ClearProviders().AddConsole();
        return builder;
    }

    public static DataFolder DataFolderOf(IConfiguration settings) => new(Path.GetFullPath(settings["Data"] ?? "data"));

    /// <summary>The database of a verb; see <see cref="DatabaseSetup.JoinAsync"/>.</summary>
    public static Task<DatabaseSetup> JoinDatabaseAsync(IConfiguration settings, bool mayMake, ILogger log, CancellationToken cancellation) =>
        DatabaseSetup.JoinAsync(
            settings.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() ?? new DatabaseOptions(),
            DataFolderOf(settings).Path,
            mayMake,
            log,
            cancellation);

    /// <exception cref="StartupException">The roles are split and nothing is shared that could join them.</exception>
    public static async Task<DatabaseSetup> OpenDatabaseAsync(
        IConfiguration settings, Roles roles, ILogger log, CancellationToken cancellation)
    {
        var options = settings.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() ?? new DatabaseOptions();
        var broker = settings.GetSection(BrokerOptions.Section).Get<BrokerOptions>() ?? new BrokerOptions();
        if (roles != Roles.All && (options.ConnectionString.Length == 0 || broker.Uri.Length == 0))
        {
            throw new StartupException(
                "Roles that run in processes of their own meet in a database and a broker: "
                + "set Database:ConnectionString (PostgreSQL) and Broker:Uri (RabbitMQ).");
        }

        return await DatabaseSetup.OpenAsync(options, DataFolderOf(settings).Path, log, cancellation);
    }
}
