using System.CommandLine;
using System.Text.Json;
using Platform.Hosting;
using Platform.Ledger;
using Platform.Persistence;
using Platform.Tenants;

namespace Platform.Server;

/// <summary>What the operator's verbs share: the database of the settings, and an answer for people or for programs.</summary>
internal static class Verb
{
    private static readonly JsonSerializerOptions Camel = new(JsonSerializerDefaults.Web);

    public static Option<bool> Json() => new("--json") { Description = "Answer with one JSON object." };

    /// <summary>Runs an action with the services that talk to the database, and nothing else of a server.</summary>
    public static async Task WithPlatformAsync(Func<IServiceProvider, Task> action, CancellationToken cancellation)
    {
        var settings = PlatformHost.CreateBuilder([]).Configuration;
        using var logs = LoggerFactory.Create(static logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole(
            static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var setup = await PlatformHost.OpenDatabaseAsync(settings, Roles.All, logs.CreateLogger("Platform"), cancellation);
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        DatabaseSetup.Register(services, setup.Database);
        services.AddSingleton<RegisterTenants>();
        services.AddSingleton<AddCredit>();
        await using var provider = services.BuildServiceProvider();
        await action(provider);
    }

    public static void Answer(bool asJson, object answer, string text) =>
        Console.WriteLine(asJson ? JsonSerializer.Serialize(answer, Camel) : text);
}
