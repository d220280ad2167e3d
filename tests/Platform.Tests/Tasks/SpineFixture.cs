using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Delivery;
using Platform.Delivery.Upload;
using Platform.Engines;
using Platform.Engines.Calls;
using Platform.Ledger;
using Platform.Messaging;
using Platform.Outbound;
using Platform.Persistence;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tasks.Voices;
using Platform.Tenants;
using Platform.Tenants.Voices;
using Platform.Tests.Catalog;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>
/// The spine of one test class: a database of its own, the in-memory bus, and the real classes between them. Tests of the class
/// share it and keep apart by tenants and pools of their own.
/// </summary>
public sealed class SpineFixture(TestPostgres postgres) : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private ServiceProvider services = null!;
    private IBusControl bus = null!;
    private string connectionString = "";

    internal string ConnectionString => connectionString;

    internal Database Database => Get<Database>();

    internal AcceptTasks Accept => Get<AcceptTasks>();

    internal ClaimTasks Claim => Get<ClaimTasks>();

    internal SettleTasks Settle => Get<SettleTasks>();

    internal T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        connectionString = await postgres.CreateDatabaseAsync() + ";Include Error Detail=true";
        services = Compose(new Database(connectionString, maxConnections: 20)).BuildServiceProvider();
        bus = services.GetRequiredService<IBusControl>();
        await bus.StartAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (services is not null)
        {
            await bus.StopAsync(TimeSpan.FromSeconds(10));
            await services.DisposeAsync();
            await postgres.DropDatabaseAsync(connectionString);
        }

        folder.Dispose();
    }

    /// <summary>The same classes over another way to the database.</summary>
    internal ServiceCollection Compose(Database database)
    {
        var composed = new ServiceCollection();
        composed.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        composed.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        composed.AddOptions();
        composed.Configure<StorageOptions>(storage =>
        {
            (storage.Folder, storage.PublicBaseUrl, storage.FlushToDisk) = (folder["media"], "https://speech.example.com", false);
            storage.RetrySeconds = 2;
        });
        composed.Configure<UploadOptions>(static upload => upload.MaxInFlightEndpoint = 2);
        composed.Configure<OutboundOptions>(outbound => outbound.AllowedNetworks.Add("127.0.0.0/8"));
        composed.AddSingleton<NameLookup>(SystemNetwork.LookUpAsync);
        composed.AddSingleton<Connect>(SystemNetwork.ConnectAsync);
        composed.AddSingleton(TimeProvider.System);
        composed.AddSingleton(_ => database);
        composed.AddSingleton<DatabaseRetry>();
        composed.AddPooledDbContextFactory<PlatformDb>(options => options.UseNpgsql(database.Durable));
        composed.AddSingleton<IBlobStore>(static provider => provider.GetRequiredService<FolderBlobs>());
        composed.AddSingleton(SampleTask.Catalog);
        composed.AddSingleton(SampleTask.Voices);
        foreach (var type in new[]
        {
            typeof(NodeIdentity), typeof(QueueNames), typeof(TicketOffice), typeof(SettledEvents), typeof(WebhookBell), typeof(AcceptTasks),
            typeof(ClaimTasks),
            typeof(SettleTasks), typeof(CancelTask), typeof(RetryPolicy), typeof(RescueTasks), typeof(ForgetTasks), typeof(LeaseKeeper),
            typeof(ReadOutcomes), typeof(FolderBlobs), typeof(VerifiedBlobs), typeof(ItemAudio), typeof(ExpireMedia),
            typeof(AudioLinks),
            typeof(OutboundGuard), typeof(OutboundClients), typeof(FetchMedium), typeof(StoredMedia),
            typeof(UploadAudio), typeof(UploadRoom), typeof(StoreAudio), typeof(DeliverUpload), typeof(RenderFinished),
            typeof(SettleResult), typeof(HandOverResult),
            typeof(SweepOrphans), typeof(EraseTenants), typeof(AskErasure), typeof(TakeMedium),
            typeof(ForgetMedia), typeof(ForeseeRefusal), typeof(KeepReference), typeof(ReadTask),
            typeof(RegisterTenants), typeof(AddCredit), typeof(FindCaller),
            typeof(TenantVoices), typeof(Consents), typeof(VoiceRules), typeof(UseVoice),
        })
        {
            composed.AddSingleton(type);
        }

        composed.AddMassTransit(static setup => setup.UsingInMemory());
        return composed;
    }

    /// <summary>What runs a claimed task, with an engine of the test's own.</summary>
    internal RunClaimed RunWith(IEngine engine, LeaseKeeper? leases = null, string spoolFolder = "")
    {
        var options = Options.Create(new EnginesOptions { Default = engine.Name, SpoolFolder = spoolFolder });
        var calls = new RecordCalls(options, TimeProvider.System, NullLogger<RecordCalls>.Instance);
        var pools = new EnginePools([engine], options, calls, TimeProvider.System, NullLogger<EnginePools>.Instance);
        var produce = new ProduceResult(pools, Get<VoiceRules>(), new EncodeAudio(pools), Get<StoreAudio>(), Get<RenderFinished>());
        var execute = new ExecuteTask(Get<ReadTask>(), produce, Get<HandOverResult>(), NullLogger<ExecuteTask>.Instance);
        return new RunClaimed(execute, leases ?? Get<LeaseKeeper>(), Get<RetryPolicy>(), Settle, NullLogger<RunClaimed>.Instance);
    }

    /// <summary>Where a stored file lies, whether it is there or not.</summary>
    internal string PathOf(string blobKey) => folder["media/" + blobKey];

    /// <summary>A new tenant with so much credit, in micro-USD.</summary>
    internal async Task<Guid> TenantAsync(long credit = 1_000_000)
    {
        var tenant = await Get<RegisterTenants>().CreateTenantAsync("a tenant", weight: 1, CancellationToken.None);
        if (credit > 0)
        {
            await Get<AddCredit>().RunAsync(tenant.TenantId, credit, "first payment", "for a test", CancellationToken.None);
        }

        return tenant.TenantId;
    }

    /// <summary>A new pool, as a worker registers it at its start.</summary>
    internal async Task<string> PoolAsync()
    {
        var pool = $"pool-{Guid.NewGuid():N}";
        await ExecuteAsync("insert into pools (pool) values ($1)", pool);
        return pool;
    }

    /// <summary>Accepts a task and claims it.</summary>
    internal async Task<ClaimedTask> RunningAsync(Guid tenantId, int results = 1, long price = 100, string members = "")
    {
        var pool = await PoolAsync();
        Assert.Equal(Acceptance.Accepted, await Accept.AcceptAsync(Sample.Task(tenantId, pool, results, members) with { PricePerResult = price }));
        return await ClaimOneAsync(pool);
    }

    internal async Task<ClaimedTask> ClaimOneAsync(string pool) =>
        Assert.Single(await Claim.ClaimAsync(pool, 1, TestContext.Current.CancellationToken));

    /// <summary>Listens to the tickets of a pool.</summary>
    internal async Task<SemaphoreSlim> TicketsOfAsync(string pool)
    {
        var arrived = new SemaphoreSlim(0);
        var endpoint = bus.ConnectReceiveEndpoint(Get<QueueNames>().OfPool(pool), setup =>
        {
            setup.ConfigureConsumeTopology = false;
            setup.Handler<WorkAvailable>(_ =>
            {
                arrived.Release();
                return Task.CompletedTask;
            });
        });
        await endpoint.Ready;
        return arrived;
    }

    internal async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Database.Durable.CreateCommand(sql);
        Array.ForEach(parameters, parameter => command.Parameters.Add(new() { Value = parameter }));
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    internal async Task<T> AskAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Database.Durable.CreateCommand(sql);
        Array.ForEach(parameters, parameter => command.Parameters.Add(new() { Value = parameter }));
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>State and attempt of a task, as "running 1".</summary>
    internal Task<string> StateAsync(Guid taskId) =>
        AskAsync<string>("select state || ' ' || attempt from task_states where task_id = $1", taskId);

    /// <summary>Balance and held of a tenant, as "900 100".</summary>
    internal Task<string> MoneyAsync(Guid tenantId) =>
        AskAsync<string>("select balance || ' ' || held from accounts where tenant_id = $1", tenantId);

    /// <summary>Kinds and amounts of a tenant's entries after its first payment, in order.</summary>
    internal Task<string> EntriesAsync(Guid tenantId) => AskAsync<string>(
        """
        select coalesce(string_agg(kind || ' ' || amount, ', ' order by entry_id), '') from ledger_entries
         where tenant_id = $1 and reference is distinct from 'first payment'
        """,
        tenantId);
}
