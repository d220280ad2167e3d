using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Platform.Bench.Load;
using Platform.Bench.Report;
using Platform.Bench.Stage;
using Platform.Ledger;
using Platform.Persistence;
using Platform.Pricing;
using Platform.Tenants;

namespace Platform.Bench.Money;

/// <summary>
/// What money costs: the same load by two tenants in turns, one that pays and one for whom the model is free, through the same processes. A free task makes no
/// ledger entry and moves no balance; all else is alike.
/// </summary>
internal sealed class MoneyMeasure(PlatformNodes nodes, string database, bool isQuick)
{
    private const int Connections = 128;
    private const string Model = "alibaba:qwen@3-tts-1.7b-customvoice";
    private const string Free = """{"microUsdPerMillion":0,"stepMicroUsd":100,"minimumMicroUsd":0}""";

    private readonly int _rounds = isQuick ? 3 : 7;
    private readonly TimeSpan _window = TimeSpan.FromSeconds(isQuick ? 1.5 : 4);

    public async Task<(MoneyFigure Figure, IReadOnlyList<LoadResult> Loads)> MeasureAsync(CancellationToken cancellation)
    {
        var (paying, free) = (await NewKeyAsync(isFree: false, cancellation), await NewKeyAsync(isFree: true, cancellation));
        // The api looks for prices of single tenants every two seconds.
        await Task.Delay(TimeSpan.FromSeconds(5), cancellation);
        var (priced, unpriced, loads) = (new List<double>(), new List<double>(), new List<LoadResult>());
        await LoadAsync(paying, [], loads, cancellation);
        await LoadAsync(free, [], loads, cancellation);
        for (var round = 0; round < _rounds; round++)
        {
            // Each goes first as often as the other, so that what changes in the course of the run meets both.
            var isPayingFirst = round % 2 == 0;
            await LoadAsync(isPayingFirst ? paying : free, isPayingFirst ? priced : unpriced, loads, cancellation);
            await LoadAsync(isPayingFirst ? free : paying, isPayingFirst ? unpriced : priced, loads, cancellation);
        }

        return (new MoneyFigure(Connections, Median(priced), Median(unpriced)), loads);
    }

    private async Task LoadAsync(string key, List<double> rates, List<LoadResult> loads, CancellationToken cancellation)
    {
        var plan = new LoadPlan(nodes.Api, TaskRequest.Render(nodes.Api.ToString(), key, isAsync: false), Connections)
        {
            WarmUp = TimeSpan.FromSeconds(1), Window = _window,
        };
        var result = await LoadRun.RunAsync(plan, cancellation);
        loads.Add(result);
        rates.Add(result.PerWindow[0] / _window.TotalSeconds);
        nodes.ThrowIfOneIsGone();
    }

    private async Task<string> NewKeyAsync(bool isFree, CancellationToken cancellation)
    {
        await using var open = new Database(database, maxConnections: 2);
        var services = new ServiceCollection();
        services.AddPooledDbContextFactory<PlatformDb>(options => options.UseNpgsql(open.Durable));
        await using var provider = services.BuildServiceProvider();
        var register = new RegisterTenants(provider.GetRequiredService<IDbContextFactory<PlatformDb>>(), TimeProvider.System);
        var tenant = await register.CreateTenantAsync(isFree ? "free" : "paying", weight: 1, cancellation);
        if (isFree)
        {
            await new SetPrice(open).RunAsync(new PriceOrder(tenant.TenantId, Model, TimeProvider.System.GetUtcNow()), Free, "bench", cancellation);
        }
        else
        {
            await new AddCredit(open).RunAsync(tenant.TenantId, 100_000_000_000, "bench", "for a measure", cancellation);
        }

        return (await register.CreateKeyAsync(tenant.TenantId, "bench", null, cancellation)).Text;
    }

    /// <summary>Throws where a task of the free tenant moved money, or was none of that tenant's.</summary>
    public static async Task CheckAsync(NpgsqlDataSource source, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(
            """
            select (select count(*) from tasks t join tenants n using (tenant_id) where n.name = 'free'),
                   (select count(*) from ledger_entries e join tenants n using (tenant_id) where n.name = 'free')
            """);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        if (row.GetInt64(0) == 0 || row.GetInt64(1) > 0)
        {
            throw new BenchException($"the free tenant has {row.GetInt64(0)} tasks and {row.GetInt64(1)} ledger entries");
        }
    }

    private static double Median(List<double> rates) => rates.Order().ElementAt(rates.Count / 2);
}
