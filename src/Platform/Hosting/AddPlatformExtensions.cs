using MassTransit;
using Microsoft.Extensions.Options;
using Platform.Api;
using Platform.Api.Sockets;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Delivery.Sync;
using Platform.Delivery.Upload;
using Platform.Delivery.Webhooks;
using Platform.Engines;
using Platform.Hosting.Nodes;
using Platform.Messaging;
using Platform.Outbound;
using Platform.Persistence;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tasks.Voices;
using Platform.Tenants;
using Platform.Tenants.Limits;
using Platform.Telemetry;

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
        services.AddEngines(settings);
        services.AddTasks();
        services.AddTenants();
        services.AddBus(settings, roles);
        services.AddNode(roles);
        services.AddTelemetry(settings, roles.ToString().ToLowerInvariant());
        if (roles.HasFlag(Roles.Api))
        {
            services.AddApi();
        }

        if (roles.HasFlag(Roles.Worker))
        {
            services.AddWorker();
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
        services.AddSingleton(static provider => VoiceBook.Load(
            provider.GetRequiredService<SchemaFiles>(), provider.GetRequiredService<ModelCatalog>()));
        services.AddSingleton(static provider => VoicesOf(provider.GetRequiredService<VoiceBook>()));
        services.AddSingleton(static provider => ErrorTable.Load(provider.GetRequiredService<SchemaFiles>()));
        services.AddPrices();
    }

    /// <summary>How a provider spells the voices of the catalog.</summary>
    internal static ProviderVoices VoicesOf(VoiceBook book) => new((model, voice) => book.Find(model, book.Resolve(model, voice))?.Sent);

    private static void AddTasks(this IServiceCollection services)
    {
        services.AddSingleton<CheckTask>();
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
        services.AddSingleton<UseVoice>();
        services.AddOperators();
    }

    private static void AddApi(this IServiceCollection services)
    {
        services.AddSingleton<FetchMedium>();
        services.AddSingleton<TakeMedium>();
        services.AddSingleton<ForeseeRefusal>();
        services.AddSingleton<KeepReference>();
        services.AddSingleton<QuoteTask>();
        services.AddSingleton<PrepareTask>();
        services.AddHostedService<PriceRefresh>();
        services.AddSingleton<SyncWaiters>();
        services.AddSingleton<SubmitTask>();
        services.AddSingleton<CancelTask>();
        services.AddSingleton<ItemAudio>();
        services.AddSingleton(static provider => TaskForms.Load(provider.GetRequiredService<SchemaFiles>()));
        services.AddSingleton<SearchModels>();
        services.AddTaskType<AudioInferenceHandler>(SmallItems.Inference, static handler => handler.HandleAsync);
        services.AddTaskType<GetResponseHandler>(GetResponseHandler.TaskType, static handler => handler.HandleAsync);
        services.AddTaskType<CancelTaskHandler>(CancelTaskHandler.TaskType, static handler => handler.HandleAsync);
        services.AddTaskType<GetTaskDetailsHandler>(GetTaskDetailsHandler.TaskType, static handler => handler.HandleAsync);
        services.AddTaskType<ModelSearchHandler>(ModelSearchHandler.TaskType, static handler => handler.HandleAsync);
        services.AddTaskType<MediaStorageHandler>(MediaStorageHandler.TaskType, static handler => handler.HandleAsync);
        services.AddTaskType<AccountManagementHandler>(AccountManagementHandler.TaskType, static handler => handler.HandleAsync);
        services.AddPlainTaskTypes();
        services.AddSingleton<RateLimiter>();
        services.AddSingleton<RateGate>();
        services.AddHostedService<ExchangeRates>();
        services.AddSingleton<Dispatcher>();
        services.AddSingleton<Authenticate>();
        services.AddSingleton<Envelope>();
        services.AddSingleton(static provider => IncomingRoomOf(provider.GetRequiredService<IOptions<ApiOptions>>().Value));
        services.AddSingleton<ReceiveTasks>();
        services.AddSingleton<V1Endpoint>();
        services.AddSingleton<PublicMedia>();
        services.AddSingleton<MediaEndpoint>();
        services.AddSingleton<RefuseRequest>();
        services.AddSockets();
        services.AddOperatorSurface();
        services.AddVoices();
    }

    private static IncomingRoom IncomingRoomOf(ApiOptions api) => new(api.IncomingBytes, api.IncomingBytesPerTenant);

    private static void AddSockets(this IServiceCollection services)
    {
        services.AddSingleton<Sessions>();
        services.AddSingleton<SocketFrames>();
        services.AddSingleton<FrameLimits>();
        services.AddSingleton<Handshake>();
        services.AddSingleton<SocketTasks>();
        services.AddSingleton<SocketTalk>();
        services.AddSingleton<OpenSockets>();
        services.AddSingleton<SocketEndpoint>();
        services.AddHostedService<SocketSweep>();
        services.AddHostedService<ApiDrain>();
    }

    private static void AddWorker(this IServiceCollection services)
    {
        services.AddSingleton<WorkerEngines>();
        services.AddSingleton<ReadTask>();
        services.AddSingleton<UploadAudio>();
        services.AddSingleton<EncodeAudio>();
        services.AddSingleton<StoreAudio>();
        services.AddSingleton<UploadRoom>();
        services.AddSingleton<DeliverUpload>();
        services.AddSingleton<SettleResult>();
        services.AddSingleton<HandOverResult>();
        services.AddSingleton<RenderFinished>();
        services.AddSingleton<ProduceResult>();
        services.AddSingleton<ExecuteTask>();
        services.AddSingleton<LeaseKeeper>();
        services.AddSingleton<RunClaimed>();
        services.AddSingleton<ClaimTasks>();
        services.AddSingleton<ServedPools>();
        services.AddSingleton<Func<string, PoolLimits, PoolWorker>>(static provider => (pool, limits) => new PoolWorker(
            pool,
            limits,
            provider.GetRequiredService<ClaimTasks>(),
            provider.GetRequiredService<RunClaimed>(),
            provider.GetRequiredService<ILogger<PoolWorker>>()));
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
