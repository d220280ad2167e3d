using Microsoft.Extensions.Options;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Ledger.Reconciliation;
using Platform.Persistence;
using Platform.Pricing;

namespace Platform.Hosting;

/// <summary>Keeps the prices of single tenants as fresh as the settings say. While the database is away those of before go on.</summary>
internal sealed partial class PriceRefresh(PriceOverrides overrides, IOptions<PricingOptions> options, TimeProvider time, ILogger<PriceRefresh> log)
    : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.RefreshSeconds), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryAsync(stoppingToken);
        }
    }

    private async Task TryAsync(CancellationToken cancellation)
    {
        try
        {
            await overrides.RefreshAsync(cancellation);
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            LogAway(log, fault.Message);
        }
    }

    [LoggerMessage(EventId = 5411, Level = LogLevel.Warning, Message = "Tenants' own prices cannot be read, the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}

/// <summary>The price book of the settings.</summary>
internal static class PriceSetup
{
    public static void AddPrices(this IServiceCollection services)
    {
        services.AddSingleton(static provider => LoadBook(
            provider.GetRequiredService<IOptions<PricingOptions>>().Value,
            provider.GetRequiredService<SchemaFiles>(),
            provider.GetRequiredService<ModelCatalog>().Models.Select(static model => model.Air)));
        services.AddSingleton<PriceOverrides>();
        services.AddSingleton<SetPrice>();
        services.AddSingleton<KnowsPriceVersion>(static provider =>
            (version, model) => provider.GetRequiredService<PriceBook>().FindOfVersion(version, model) is not null);
    }

    /// <exception cref="InvalidDataException">The book is wrong; the message lists everything.</exception>
    public static PriceBook LoadBook(PricingOptions options, SchemaFiles files, IEnumerable<string> models) => PriceBook.Load(
        options.File.Length == 0 ? files.Object(PriceBook.Path) : ReadFile(options.File),
        options.File.Length == 0 ? PriceBook.Path : options.File,
        models,
        options.AllowFree);

    private static JObject ReadFile(string path)
    {
        try
        {
            // Dates stay the text that they are.
            using var reader = new JsonTextReader(File.OpenText(path)) { DateParseHandling = DateParseHandling.None };
            return JObject.Load(reader);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidDataException($"{path}: cannot be read as a price book: {fault.Message}", fault);
        }
    }
}
