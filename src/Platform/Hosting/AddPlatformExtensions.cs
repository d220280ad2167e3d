using MassTransit;
using Platform.Api;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Delivery.Sync;
using Platform.Delivery.Upload;
using Platform.Delivery.Webhooks;
using Platform.Engines;
using Platform.Messaging;
using Platform.Outbound;
using Platform.Persistence;
using Platform.Pricing;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tenants;

namespace Platform.Hosting;

/// <summary>Puts the platform together: one method a layer, roles decide which run.</summary>
internal static class AddPlatformExtensions
{
    public static void AddPlatform(this IServiceCollection services, IConfiguration settings, Database database, Roles roles)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSettings(settings);
        DatabaseSetup.Register(services, database);
        services.AddOutbound();
        services.AddCatalog();
        services.AddTasks();
        services.AddTenants();
        services.AddBus(settings, roles);
        if (roles.HasFlag(Roles.Api))
        {
            services.AddApi();
        }

        if (roles.HasFlag(Roles.Worker))
        {
            services.AddWorker(settings);
        }

        if (roles.HasFlag(Roles.Scheduler))
        {
            services.AddSweeps();
            services.AddWebhookSender();
        }
    }

    private static void AddOutbound(this IServiceCollection services)
    {
        services.AddSingleton<NameLookup>(SystemNetwork.LookUpAsync);
        services.AddSingleton<Connect>(SystemNetwork.ConnectAsync);
        services.AddSingleton<OutboundGuard>();
        services.AddSingleton<OutboundClients>();
    }

    private static void AddCatalog(this IServiceCollection services)
    {
        services.AddSingleton(SchemaFiles.Embedded());
        services.AddSingleton(static provider => ModelCatalog.Load(provider.GetRequiredService<SchemaFiles>()));
        services.AddSingleton(static provider => ErrorTable.Load(provider.GetRequiredService<SchemaFiles>()));
        services.AddSingleton(static provider => PriceBook.Load(
            provider.GetRequiredService<SchemaFiles>(),
            provider.GetRequiredService<ModelCatalog>().Models.Select(static model => model.Air)));
    }

    private static void AddTasks(this IServiceCollection services)
    {
        services.AddSingleton<NodeIdentity>();
        services.AddSingleton<QueueNames>();
        services.AddSingleton<TicketOffice>();
        services.AddSingleton<SettledEvents>();
        services.AddSingleton<WebhookBell>();
        services.AddSingleton<AcceptTasks>();
        services.AddSingleton<SettleTasks>();
        services.AddSingleton<RetryPolicy>();
        services.AddSingleton<ReadOutcomes>();
        services.AddStorage();
        services.AddSingleton<AudioLinks>();
        services.AddSingleton<ErrorJson>();
        services.AddWebhooks();
    }

    private static void AddTenants(this IServiceCollection services)
    {
        services.AddSingleton<FindCaller>();
        services.AddOperators();
    }

    private static void AddApi(this IServiceCollection services)
    {
        services.AddSingleton<FetchMedium>();
        services.AddSingleton<TakeMedium>();
        services.AddSingleton<KeepReference>();
        services.AddSingleton<PrepareTask>();
        services.AddSingleton<SyncWaiters>();
        services.AddSingleton<SubmitTask>();
        services.AddSingleton<CancelTask>();
        services.AddSingleton<ItemAudio>();
        services.AddTaskType<AudioInferenceHandler>("audioInference", static handler => handler.HandleAsync);
        services.AddTaskType<GetResponseHandler>("getResponse", static handler => handler.HandleAsync);
        services.AddTaskType<CancelTaskHandler>("cancelTask", static handler => handler.HandleAsync);
        services.AddTaskType<MediaStorageHandler>("mediaStorage", static handler => handler.HandleAsync);
        services.AddTaskType<AccountManagementHandler>("accountManagement", static handler => handler.HandleAsync);
        services.AddPlainTaskTypes();
        services.AddSingleton<Dispatcher>();
        services.AddSingleton<Authenticate>();
        services.AddSingleton<Envelope>();
        services.AddSingleton<V1Endpoint>();
        services.AddSingleton<MediaEndpoint>();
        services.AddOperatorSurface();
    }

    private static void AddWorker(this IServiceCollection services, IConfiguration settings)
    {
        services.AddEngines(settings);
        services.AddSingleton<ReadTask>();
        services.AddSingleton<UploadAudio>();
        services.AddSingleton<StoreAudio>();
        services.AddSingleton<DeliverUpload>();
        services.AddSingleton<RenderFinished>();
        services.AddSingleton<ProduceResult>();
        services.AddSingleton<ExecuteTask>();
        services.AddSingleton<LeaseKeeper>();
        services.AddSingleton<RunClaimed>();
        services.AddSingleton<ClaimTasks>();
        services.AddSingleton<ServedPools>();
        services.AddSingleton<PoolWorkers>();
        services.AddHostedService<WorkerHost>();
    }

    private static void AddBus(this IServiceCollection services, IConfiguration settings, Roles roles)
    {
        var broker = settings.GetSection(BrokerOptions.Section).Get<BrokerOptions>() ?? new BrokerOptions();
        services.AddPlatformBus(
            broker,
            provider => new BusPlan
            {
                Pools = roles.HasFlag(Roles.Worker) ? [.. provider.GetRequiredService<ServedPools>().Names] : [],
                ListensForItself = roles.HasFlag(Roles.Api),
                SendsWebhooks = roles.HasFlag(Roles.Scheduler),
                ConsumeTickets = static (endpoint, context) => endpoint.ConfigureConsumer<WorkAvailableConsumer>(context),
                ConsumeBells = static (endpoint, context) => endpoint.ConfigureConsumer<WebhooksDueConsumer>(context),
                ConsumeEvents = static (endpoint, context) => endpoint.ConfigureConsumer<TasksSettledConsumer>(context),
            },
            bus =>
            {
                if (roles.HasFlag(Roles.Worker))
                {
                    bus.AddConsumer<WorkAvailableConsumer>();
                }

                if (roles.HasFlag(Roles.Scheduler))
                {
                    bus.AddConsumer<WebhooksDueConsumer>();
                }

                if (roles.HasFlag(Roles.Api))
                {
                    bus.AddConsumer<TasksSettledConsumer>();
                }
            });
    }
}
