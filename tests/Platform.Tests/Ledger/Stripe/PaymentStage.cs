using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Platform.Hosting;
using Platform.Ledger;
using Platform.Ledger.Reconciliation;
using Platform.Ledger.Stripe;
using Platform.LocalStripe;
using Platform.Tenants;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

/// <summary>The real classes over the spine's database, against a local Stripe of this test alone.</summary>
internal sealed class PaymentStage : IAsyncDisposable
{
    public const string Secret = "whsec_of_the_tests";

    private readonly SpineFixture spine;
    private readonly ServiceProvider services;

    private PaymentStage(SpineFixture spine, LocalStripeServer stripe, Action<StripeOptions>? configure)
    {
        this.spine = spine;
        Stripe = stripe;
        var composed = spine.Compose(spine.Database);
        composed.AddPayments();
        composed.AddSingleton<ReadLedger>();
        composed.Configure<StripeOptions>(options =>
        {
            options.SecretKey = LocalStripeServer.SecretKey;
            options.WebhookSecrets.Add(Secret);
            options.BaseUrl = stripe.Address.OriginalString;
            (options.TimeoutSeconds, options.MaxRetries, options.RetryDelaySeconds) = (10, 2, 0.01);
            options.CompareAfterSeconds = 0;
            configure?.Invoke(options);
        });
        services = composed.BuildServiceProvider();
    }

    public LocalStripeServer Stripe { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<PaymentStage> StartAsync(SpineFixture spine, Action<StripeOptions>? configure = null) =>
        new(spine, await LocalStripeServer.StartAsync(TimeProvider.System), configure);

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>Begins a top-up that Stripe takes; answers its session.</summary>
    public async Task<string> BeginAsync(Guid tenant, long cents = 2500, bool saves = false, string? reference = null)
    {
        var (outcome, topUp) = await StartAsync(tenant, cents, saves, reference);
        Assert.Equal(TopUpOutcome.Started, outcome);
        return topUp!.Url!.Split('/')[^1];
    }

    public Task<(TopUpOutcome Outcome, TopUp? TopUp)> StartAsync(Guid tenant, long cents = 2500, bool saves = false, string? reference = null) =>
        Get<StartTopUp>().RunAsync(new TopUpOrder(tenant, cents, reference, saves), "https://speech.example.com", Token);

    /// <summary>A top-up that was paid and credited; answers the payment.</summary>
    public async Task<string> PaidAsync(Guid tenant, long cents = 2500, bool saves = false)
    {
        var payment = Stripe.Dashboard.Pay(await BeginAsync(tenant, cents, saves));
        await FlushAsync();
        return payment;
    }

    /// <summary>What came about at Stripe, in order.</summary>
    public IReadOnlyList<JsonObject> Events()
    {
        lock (Stripe.Account.Gate)
        {
            JsonObject[] all = [.. Stripe.Account.Events];
            Stripe.Account.Events.Clear();
            return all;
        }
    }

    /// <summary>Hands over what came about at Stripe, each event once and in order.</summary>
    public async Task FlushAsync()
    {
        foreach (var told in Events())
        {
            Assert.Equal(Reception.Taken, await ReceiveAsync(told));
        }
    }

    public Task<Reception> ReceiveAsync(JsonObject told)
    {
        var body = told.ToJsonString();
        return ReceiveAsync(body, Webhooks.Sign(body, Secret, TimeProvider.System.GetUtcNow()));
    }

    public Task<Reception> ReceiveAsync(string body, string signature) => Get<ReceiveEvent>().RunAsync(Encoding.UTF8.GetBytes(body), signature, Token);

    public async Task<string> CustomerAsync(Guid tenant) => (await Get<PayingCustomers>().FindForTenantAsync(tenant, Token))!.Customer;

    /// <summary>A postpaid tenant with a customer at Stripe.</summary>
    public async Task<(Guid Tenant, string Customer)> PostpaidAsync()
    {
        var draft = new TenantDraft("postpaid") { Billing = "postpaid", CreditLimit = 1_000_000_000 };
        var (tenant, _) = await spine.Get<RegisterTenants>().CreateTenantAsync(draft, "test", Token);
        return (tenant.TenantId, await Get<PayingCustomers>().EnsureAsync(tenant.TenantId, Token));
    }

    /// <summary>An entry as a settled task would leave it. The account is left alone, which the checks against Stripe do not look at.</summary>
    public Task ChargeAsync(Guid tenant, long amount, string kind = "capture", DateTimeOffset? at = null) => spine.ExecuteAsync(
        "insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, at) values ($1, $2, $3, 0, 0, $4)",
        tenant, kind, amount, at ?? TimeProvider.System.GetUtcNow());

    public async Task SendUsageAsync()
    {
        await Get<SendUsage>().CollectAsync(Token);
        await Get<SendUsage>().SendAsync(Token);
    }

    /// <summary>Micro-USD that the tenant's account holds.</summary>
    public Task<long> BalanceAsync(Guid tenant) => spine.AskAsync<long>("select balance from accounts where tenant_id = $1", tenant);

    public Task<long> CountAsync(string sql, params object[] values) => spine.AskAsync<long>("select count(*) from " + sql, values);

    /// <summary>State and failure of the newest top-up, as "failed card_declined".</summary>
    public Task<string> NewestAsync(Guid tenant) => spine.AskAsync<string>(
        "select trim(state || ' ' || coalesce(failure, '')) from top_ups where tenant_id = $1 order by created_at desc limit 1", tenant);

    /// <summary>The kinds of what the checks against Stripe find about a tenant, or about nobody.</summary>
    public async Task<string> DifferencesAsync(Guid tenant)
    {
        var now = TimeProvider.System.GetUtcNow();
        var kinds = new List<string>();
        foreach (var check in services.GetServices<IBookCheck>().Where(static check => check.Name.StartsWith("stripe-", StringComparison.Ordinal)))
        {
            await foreach (var difference in check.FindAsync(new Period(now.AddDays(-2), now.AddMinutes(1)), Token))
            {
                Assert.DoesNotContain(
                    "", new[] { difference.Key, difference.Subject, difference.Expected, difference.Found, difference.Repair }, StringComparer.Ordinal);
                if (difference.TenantId is null || difference.TenantId == tenant)
                {
                    kinds.Add(difference.Kind);
                }
            }
        }

        return string.Join(' ', kinds.Order(StringComparer.Ordinal));
    }

    /// <summary>The local Stripe found nothing wrong with any request.</summary>
    public async ValueTask DisposeAsync()
    {
        Assert.Empty(Stripe.Violations);
        Get<StripeAccess>().Dispose();
        await Stripe.DisposeAsync();
    }
}
