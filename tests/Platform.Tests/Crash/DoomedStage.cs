using Npgsql;
using Platform.LocalStripe;
using Platform.Tests.Fixtures;
using Platform.Tests.Scenarios;
using Platform.Tests.Scenarios.Payments;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>A platform in one process, over a database and a broker that outlive it, and the Stripe that it talks to.</summary>
internal sealed class DoomedStage : IAsyncDisposable
{
    private readonly Cluster cluster;
    private ChildProcess process = null!;
    private Customer customer = null!;

    private DoomedStage(Cluster cluster, LocalStripeServer stripe)
    {
        this.cluster = cluster;
        Stripe = stripe;
        Source = NpgsqlDataSource.Create(cluster.ConnectionString);
        Webhooks = new Webhooks(stripe.Account, new Uri(cluster.Address, "/stripe/webhook"), "whsec_of_the_stories", TimeProvider.System);
    }

    public LocalStripeServer Stripe { get; }

    public Webhooks Webhooks { get; }

    public NpgsqlDataSource Source { get; }

    private Operator Operator => new(cluster.Address, Cluster.AdminKey);

    public static async Task<DoomedStage> StartAsync(TestPostgres postgres, TestRabbit rabbit)
    {
        var stripe = await LocalStripeServer.StartAsync(TimeProvider.System);
        var fresh = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync()) { More = PaidStage.Settings(stripe) };
        var stage = new DoomedStage(fresh, stripe);
        await stage.StartNextAsync();
        stage.customer = await stage.Operator.NewCustomerAsync(credit: 0);
        return stage;
    }

    public async Task StartNextAsync() =>
        process = await cluster.StartAsync("api,worker,scheduler", ("PLATFORM_URLS", cluster.Address.OriginalString));

    public Task<int> KillAsync() => process.KillAsync();

    public Task<Answer> BeginAsync(bool saves = false) => new Operator(cluster.Address, customer.Key).PostAsync(
        "/v1/topups", $$"""{"amountCents":500,"reference":"one","saveCard":{{(saves ? "true" : "false")}}}""");

    public async Task AutomateAsync()
    {
        var set = await Operator.PatchAsync($"tenants/{customer.TenantId}/payments", """{"automaticTopUp":{"below":6000000,"amount":10000000}}""");
        Assert.True(set.Status == 200, set.Text);
    }

    public async Task<(Customer Customer, string Payer)> PostpaidAsync()
    {
        string payer;
        lock (Stripe.Account.Gate)
        {
            payer = Stripe.Account.NewId("cus");
            Stripe.Account.Add("customer", ("id", payer));
        }

        var tenant = await Operator.NewTenantAsync("""{"name":"postpaid","billing":"postpaid","creditLimit":1000000}""");
        Assert.Equal(200, (await Operator.PatchAsync($"tenants/{tenant}/payments", $$"""{"stripeCustomer":"{{payer}}"}""")).Status);
        var key = await Operator.PostAsync($"tenants/{tenant}/keys", """{"name":"first"}""");
        return (new Customer(cluster.Address, (string)key.Json["key"]!) { TenantId = Guid.Parse(tenant) }, payer);
    }

    public Task<long> BalanceAsync() => AskAsync<long>("select balance from accounts where tenant_id = $1", customer.TenantId);

    public async Task<T> AskAsync<T>(string sql, params object[] values)
    {
        await using var command = Source.CreateCommand(sql);
        Array.ForEach(values, value => command.Parameters.Add(new NpgsqlParameter { Value = value }));
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async Task ChangeAsync(string sql)
    {
        await using var command = Source.CreateCommand(sql);
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        Webhooks.Dispose();
        await Stripe.DisposeAsync();
        await Source.DisposeAsync();
        cluster.Folder.Dispose();
    }
}
