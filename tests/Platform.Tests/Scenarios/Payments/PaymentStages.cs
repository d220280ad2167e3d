using System.Globalization;
using System.Text.Json.Nodes;
using Platform.LocalStripe;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios.Payments;

/// <summary>A fresh platform of each mode with a Stripe of its own, started by the first story that needs it.</summary>
public sealed class PaymentStages(TestPostgres postgres, TestRabbit rabbit) : IAsyncDisposable
{
    private readonly Dictionary<Mode, Task<PaidStage>> started = [];

    internal async Task<PaidStage> OnAsync(Mode mode)
    {
        if (!started.TryGetValue(mode, out var stage))
        {
            started[mode] = stage = PaidStage.StartAsync(
                settings => mode == Mode.Embedded ? EmbeddedStage.StartAsync(settings) : DistributedStage.StartAsync(postgres, rabbit, settings));
        }

        (await stage).Platform.FailIfAServerEnded();
        return await stage;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stage in started.Values.Where(static stage => stage.IsCompletedSuccessfully))
        {
            await (await stage).DisposeAsync();
        }
    }
}

/// <summary>A running platform and the Stripe that it talks to.</summary>
internal sealed class PaidStage : IAsyncDisposable
{
    private const string Secret = "whsec_of_the_stories";

    private PaidStage(Stage platform, LocalStripeServer stripe)
    {
        Platform = platform;
        Stripe = stripe;
        Webhooks = new Webhooks(stripe.Account, new Uri(platform.Address, "/stripe/webhook"), Secret, TimeProvider.System);
    }

    public Stage Platform { get; }

    public LocalStripeServer Stripe { get; }

    public Webhooks Webhooks { get; }

    public static Dictionary<string, string?> Settings(LocalStripeServer stripe) => new(StringComparer.Ordinal)
    {
        ["PLATFORM_STRIPE__SECRETKEY"] = LocalStripeServer.SecretKey,
        ["PLATFORM_STRIPE__WEBHOOKSECRETS__0"] = Secret,
        ["PLATFORM_STRIPE__BASEURL"] = stripe.Address.OriginalString,
        ["PLATFORM_STRIPE__SWEEPSECONDS"] = "0.3",
        ["PLATFORM_STRIPE__USAGESECONDS"] = "0.3",
        ["PLATFORM_STRIPE__RETRYDELAYSECONDS"] = "0.05",
        ["PLATFORM_STRIPE__COMPAREAFTERSECONDS"] = "0",
    };

    public static async Task<PaidStage> StartAsync(Func<IReadOnlyDictionary<string, string?>, Task<Stage>> start)
    {
        var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);
        try
        {
            return new PaidStage(await start(Settings(stripe)), stripe);
        }
        catch
        {
            await stripe.DisposeAsync();
            throw;
        }
    }

    /// <summary>Micro-USD on the account of a tenant.</summary>
    public async Task<long> BalanceAsync(Guid tenant) => (long)(await Platform.Operator.GetAsync($"tenants/{tenant}/balance")).Json["balance"]!;

    /// <summary>What the CSV of finance sums up to.</summary>
    public async Task<long> CsvSumAsync(Guid tenant)
    {
        var csv = await Platform.Operator.GetAsync($"costs?tenant={tenant}&format=csv");
        var lines = csv.Text.TrimEnd().Split("\r\n");
        var column = Array.IndexOf(lines[0].Split(','), "amountMicroUsd");
        return lines.Skip(1).Sum(line => long.Parse(line.Split(',')[column], CultureInfo.InvariantCulture));
    }

    /// <summary>The verb <c>reconcile</c> as an operator types it: its exit code and its report.</summary>
    public async Task<(int ExitCode, JsonObject Report)> ReconcileAsync()
    {
        var settings = Settings(Stripe);
        settings["PLATFORM_DATABASE__CONNECTIONSTRING"] = Platform.ConnectionString;
        await using var verb = await ServerProcess.StartAsync(["reconcile", "--json"], settings);
        var exitCode = await verb.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var text = verb.Lines.Text;
        return (exitCode, JsonNode.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)])!.AsObject());
    }

    public async ValueTask DisposeAsync()
    {
        Webhooks.Dispose();
        await Platform.DisposeAsync();
        await Stripe.DisposeAsync();
    }
}
