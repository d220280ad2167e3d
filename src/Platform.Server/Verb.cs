using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Api.Lists;
using Platform.Catalog;
using Platform.Hosting;
using Platform.Persistence;
using Platform.Tenants;

namespace Platform.Server;

/// <summary>What the operator's verbs share: the database of the settings, and an answer for people or for programs.</summary>
internal static class Verb
{
    /// <summary>Who acts, as the audit log shows it.</summary>
    public static string Actor { get; } = $"cli {Environment.UserName}";

    public static Option<bool> Json() => new("--json") { Description = "Answer with one JSON object." };

    public static Option<Guid> Tenant() => new("--tenant") { Required = true, Description = "The tenant's id, as 'tenants list' shows it." };

    /// <summary>A command whose action has the services that talk to the database, and nothing else of a server.</summary>
    public static Command Make(
        string name, string description, IEnumerable<Option> options, Func<IServiceProvider, ParseResult, CancellationToken, Task> action) =>
        MakeChecking(name, description, options, async (services, given, cancellation) =>
        {
            await action(services, given, cancellation);
            return 0;
        });

    /// <summary>The same for one that makes the private database where there is none, once <paramref name="check"/> has thrown nothing.</summary>
    public static Command MakeFounding(
        string name, string description, IEnumerable<Option> options, Action<ParseResult> check,
        Func<IServiceProvider, ParseResult, CancellationToken, Task> action)
    {
        var command = WithData(name, description, options, out var data);
        command.SetAction((given, cancellation) =>
        {
            check(given);
            return WithPlatformAsync(given.GetValue(data), mayMakeDatabase: true, async services =>
            {
                await action(services, given, cancellation);
                return 0;
            }, cancellation);
        });
        return command;
    }

    /// <summary>The same for an action that gives the exit code.</summary>
    public static Command MakeChecking(
        string name, string description, IEnumerable<Option> options, Func<IServiceProvider, ParseResult, CancellationToken, Task<int>> action)
    {
        var command = WithData(name, description, options, out var data);
        command.SetAction((given, cancellation) => WithPlatformAsync(
            given.GetValue(data), mayMakeDatabase: false, services => action(services, given, cancellation), cancellation));
        return command;
    }

    public static T Get<T>(this IServiceProvider services)
        where T : notnull => services.GetRequiredService<T>();

    public static string KeyEnvironment(this IServiceProvider services) =>
        services.GetRequiredService<IOptions<TenantsOptions>>().Value.KeyEnvironment;

    public static void Answer(bool asJson, object answer, string text) =>
        Console.WriteLine(asJson ? JsonSerializer.Serialize(answer, AnswerJson.Options) : text);

    /// <summary>Micro-USD as people read them.</summary>
    public static string Usd(long microUsd) => $"{microUsd / 1_000_000m:0.00####} USD";

    /// <summary>USD as people write them.</summary>
    /// <exception cref="VerbRefusedException">It is no whole number of micro-USD, or too much.</exception>
    public static long MicroUsd(decimal usd)
    {
        var amount = usd is > -1_000_000_000m and < 1_000_000_000m ? usd * 1_000_000m : throw new VerbRefusedException(
            "An amount is less than a billion USD.");
        return amount == decimal.Truncate(amount) ? (long)amount : throw new VerbRefusedException(
            "An amount has at most six decimal places: the ledger counts in micro-USD.");
    }

    /// <summary>An instant of the command line; null where it was not given.</summary>
    /// <exception cref="VerbRefusedException">It is none.</exception>
    public static DateTimeOffset? Instant(string option, string? text) => text is null ? null
        : Iso8601.TryParse(text, out var instant) ? instant
        : throw new VerbRefusedException($"{option} is a date or an instant in ISO 8601, such as 2026-11-01.");

    private static Command WithData(string name, string description, IEnumerable<Option> options, out Option<string> data)
    {
        data = new Option<string>("--data") { Description = "Data folder of the embedded mode (PLATFORM_DATA). Default: ./data." };
        var command = new Command(name, description) { data };
        foreach (var option in options)
        {
            command.Add(option);
        }

        return command;
    }

    private static async Task<int> WithPlatformAsync(
        string? data, bool mayMakeDatabase, Func<IServiceProvider, Task<int>> action, CancellationToken cancellation)
    {
        var settings = PlatformHost.CreateBuilder(data is null ? [] : ["--data", data]).Configuration;
        using var logs = LoggerFactory.Create(static logging => logging.SetMinimumLevel(LogLevel.Warning).AddConsole(
            static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        await using var setup = await PlatformHost.JoinDatabaseAsync(settings, mayMakeDatabase, logs.CreateLogger("Platform"), cancellation);
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(logs);
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        DatabaseSetup.Register(services, setup.Database);
        services.AddOperators();
        services.AddRepairs();
        services.AddSettings(settings);
        services.AddSingleton(PlatformHost.DataFolderOf(settings));
        services.ConfigurePayments(settings);
        services.AddSingleton(SchemaFiles.Embedded());
        services.AddSingleton(static provider => ModelCatalog.Load(provider.GetRequiredService<SchemaFiles>()));
        services.AddPrices();
        await using var provider = services.BuildServiceProvider();
        return await action(provider);
    }
}
