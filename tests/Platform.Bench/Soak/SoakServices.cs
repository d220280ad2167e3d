using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Catalog;
using Platform.Ledger;
using Platform.Ledger.Promotions;
using Platform.Ledger.Reconciliation;
using Platform.Messaging;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Tenants;

namespace Platform.Bench.Soak;

/// <summary>The platform's own classes between acceptance and settlement, over a database, with the engine and the network left out.</summary>
internal static class SoakServices
{
    public static ServiceProvider Compose(Database database)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddOptions();
        services.Configure<DatabaseOptions>(static options => options.RetrySeconds = 60);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => database);
        services.AddSingleton<DatabaseRetry>();
        services.AddPooledDbContextFactory<PlatformDb>(options => options.UseNpgsql(database.Durable));
        services.AddSingleton(ModelCatalog.Load(SchemaFiles.Embedded()));
        foreach (var type in new[]
        {
            typeof(NodeIdentity), typeof(QueueNames), typeof(TicketOffice), typeof(SettledEvents), typeof(WebhookBell), typeof(AcceptTasks),
            typeof(ClaimTasks), typeof(SettleTasks), typeof(RetryPolicy), typeof(RescueTasks), typeof(RegisterTenants), typeof(AddCredit),
            typeof(RefundTask), typeof(GrantCredit), typeof(ExpirePromotions), typeof(RollUsage),
        })
        {
            services.AddSingleton(type);
        }

        services.AddSingleton<KnowsPriceVersion>(static (version, _) => version is "2020-01-01");
        services.AddReconciliation();
        services.AddMassTransit(static setup => setup.UsingInMemory());
        return services.BuildServiceProvider();
    }
}
