using Platform.Api;
using Platform.Delivery.Webhooks;

namespace Platform.Hosting;

/// <summary>
/// Sends webhooks in the scheduler role until the process stops. Rows are leased, so any number of processes may do it: more schedulers
/// send more.
/// </summary>
internal sealed class WebhookHost(SendWebhooks sender) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => sender.RunAsync(stoppingToken);
}

/// <summary>Registers what signs and sends webhooks.</summary>
internal static class WebhookSetup
{
    /// <summary>What every role may need: signing, a test ping, lists and replays.</summary>
    public static void AddWebhooks(this IServiceCollection services)
    {
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<WebhookCall>();
        services.AddSingleton<SignedPost>();
        services.AddSingleton<PingReceiver>();
        services.AddSingleton<ListWebhooks>();
        services.AddSingleton<ReplayWebhooks>();
    }

    public static void AddWebhookSender(this IServiceCollection services)
    {
        // Errors are rendered by the api's own code, which delivery may not know.
        services.AddSingleton<RenderErrorEnvelope>(static provider => provider.GetRequiredService<ErrorJson>().RenderEnvelope);
        services.AddSingleton<WebhookBodies>();
        services.AddSingleton<Endpoints>();
        services.AddSingleton<ClaimWebhooks>();
        services.AddSingleton<ReportAttempts>();
        services.AddSingleton<AttemptWebhook>();
        services.AddSingleton<SendWebhooks>();
        services.AddSingleton<SweepWebhooks>();
        services.AddHostedService<WebhookHost>();
    }
}
