using Microsoft.Extensions.Options;
using Platform.Api;
using Platform.Hosting.Nodes;
using Platform.Outbound;
using Platform.Persistence;
using Platform.Storage;
using Platform.Tasks;
using Platform.Telemetry;
using Platform.Tenants;

namespace Platform.Hosting;

/// <summary>The <c>serve</c> verb: opens the database, builds the host for the roles of this process, and runs it to its end.</summary>
internal static partial class ServePlatform
{
    private const string DefaultUrl = "http://127.0.0.1:5080";

    public static async Task RunAsync(string[] arguments)
    {
        var builder = PlatformHost.CreateBuilder(arguments);
        var roles = RoleNames.Parse(builder.Configuration["Roles"]);
        var data = PlatformHost.DataFolderOf(builder.Configuration);
        using var logs = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        var log = logs.CreateLogger("Platform");
        using var stop = new StopSignal();
        ConfigureAddresses(builder, roles);
        await using var setup = await WaitingDoor.WaitAsync(
            PlatformHost.OpenDatabaseAsync(builder.Configuration, roles, log, stop.Token), builder.Configuration["urls"]!);

        await EnsureAdminKeyAsync(builder.Configuration, roles, data);
        builder.Services.AddPlatform(builder.Configuration, setup.Database, roles);
        builder.Services.AddSingleton(data);
        builder.Services.AddOptions<HostOptions>().Configure<IOptions<ApiOptions>, IOptions<WorkerOptions>>(static (host, api, worker) =>
            host.ShutdownTimeout = LongestStop(api.Value, worker.Value));
        builder.Services.PostConfigure<StorageOptions>(storage => FillStorage(storage, data, builder.Configuration["urls"]));
        builder.Services.PostConfigure<OutboundOptions>(outbound => FillOutbound(outbound, IsEmbedded(builder.Configuration)));
        builder.WebHost.ConfigureKestrel(static (_, kestrel) => kestrel.AddServerHeader = false);
        builder.Services.AddSingleton<DemoTenant>();
        await using var app = builder.Build();
        await CheckStartAsync(app.Services, roles);
        app.Services.StartGauges(roles);
        app.MapPlatform(roles);
        stop.HandOver();
        await app.StartAsync();
        await AnnounceAsync(app, roles);
        await StopWhenLostAsync(app, setup, log);
    }

    // A role without customers listens for health probes only, anywhere that is free unless told where.
    private static void ConfigureAddresses(WebApplicationBuilder builder, Roles roles)
    {
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
        {
            builder.Configuration["urls"] = roles.HasFlag(Roles.Api) ? DefaultUrl : "http://127.0.0.1:0";
        }

        // Behind the others: links begin with the first.
        if (builder.Configuration[$"{TelemetryOptions.Section}:{nameof(TelemetryOptions.MetricsUrl)}"] is { Length: > 0 } metrics)
        {
            builder.Configuration["urls"] += ";" + metrics;
        }
    }

    // Only the embedded mode makes one: several nodes must be given the same.
    private static async Task EnsureAdminKeyAsync(ConfigurationManager settings, Roles roles, DataFolder data)
    {
        if (IsEmbedded(settings, roles) && settings[PlatformHost.AdminKeySetting] is not { Length: > 0 })
        {
            var file = data.PathOf("admin.key");
            SecretFile.Ensure(file, static () => KeyText.Make("admin"));
            settings[PlatformHost.AdminKeySetting] = (await File.ReadAllTextAsync(file)).Trim();
        }
    }

    // Longer than every part's own patience, so that none is cut short; an orchestrator's grace period should be longer still.
    private static TimeSpan LongestStop(ApiOptions api, WorkerOptions worker) =>
        TimeSpan.FromSeconds(api.DrainDelaySeconds + Math.Max(api.DrainSeconds, worker.DrainSeconds) + 10);

    private static bool IsEmbedded(ConfigurationManager settings, Roles roles) =>
        roles == Roles.All && settings["Database:ConnectionString"] is not { Length: > 0 };

    private static void FillStorage(StorageOptions storage, DataFolder data, string? urls)
    {
        if (storage.Folder.Length == 0)
        {
            storage.Folder = data.PathOf("media");
        }

        if (storage.PublicBaseUrl.Length == 0)
        {
            storage.PublicBaseUrl = urls!.Split(';')[0];
        }
    }

    // Whoever tries the platform on a machine of their own has their receivers and files there too.
    private static void FillOutbound(OutboundOptions outbound, bool isEmbedded)
    {
        if (isEmbedded && outbound.AllowedNetworks.Count == 0)
        {
            outbound.AllowedNetworks.Add("127.0.0.0/8");
            outbound.AllowedNetworks.Add("::1/128");
        }
    }

    private static bool IsEmbedded(ConfigurationManager settings) =>
        string.IsNullOrEmpty(settings[$"{DatabaseOptions.Section}:{nameof(DatabaseOptions.ConnectionString)}"]);

    private static async Task CheckStartAsync(IServiceProvider services, Roles roles)
    {
        if (await StorageSetup.FindFaultAsync(services, CancellationToken.None) is { } fault)
        {
            throw new StartupException(fault);
        }

        if (services.GetRequiredService<IOptions<OutboundOptions>>().Value.FindFault() is { } wrong)
        {
            throw new StartupException(wrong);
        }

        if (TelemetrySetup.FindFault(services.GetRequiredService<IOptions<TelemetryOptions>>().Value) is { } unheard)
        {
            throw new StartupException(unheard);
        }

        if (PaymentSetup.FindFault(services) is { } unpayable)
        {
            throw new StartupException(unpayable);
        }

        if (PublicAddress.FindFault(services.GetRequiredService<IConfiguration>(), roles) is { } unknown)
        {
            throw new StartupException(unknown);
        }
    }

    private static async Task AnnounceAsync(WebApplication app, Roles roles)
    {
        var ready = $"Ready: {roles.ToString().ToLowerInvariant()} on {string.Join(", ", app.Urls)}";
        if (roles != Roles.All || app.Configuration["Database:ConnectionString"] is { Length: > 0 })
        {
            Console.WriteLine(ready);
            return;
        }

        var demo = app.Services.GetRequiredService<DemoTenant>();
        var key = await demo.EnsureAsync(CancellationToken.None);
        Console.WriteLine($"{ready}\n\nPaste this into another terminal to hear it speak (the key is also in {demo.KeyFile}):\n\n{demo.Curl(key)}\n");
    }

    private static async Task StopWhenLostAsync(WebApplication app, DatabaseSetup setup, ILogger log)
    {
        var ended = app.WaitForShutdownAsync();
        if (await Task.WhenAny(ended, setup.Lost) != ended)
        {
            LogDatabaseLost(log);
            await app.StopAsync();
            Environment.ExitCode = 1;
        }

        await ended;
    }

    [LoggerMessage(
        EventId = 5301,
        Level = LogLevel.Critical,
        Message = "The private database ended; this process ends too and finds everything again at its next start")]
    private static partial void LogDatabaseLost(ILogger log);
}
