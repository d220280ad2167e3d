using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Delivery.Webhooks;
using Platform.Outbound;
using Platform.Tests.Scenarios;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

/// <summary>The real sender over the spine's database; receivers are on loopback and names are looked up nowhere.</summary>
internal sealed class WebhookStage : IAsyncDisposable
{
    private readonly SpineFixture spine;
    private readonly ServiceProvider services;
    private readonly CancellationTokenSource stop = new();
    private Task sending = Task.CompletedTask;

    public WebhookStage(SpineFixture spine, Action<WebhookOptions>? configure = null)
    {
        this.spine = spine;
        var composed = spine.Compose(spine.Database);
        composed.Configure<OutboundOptions>(outbound => outbound.AllowedNetworks.Add("127.0.0.0/8"));
        composed.Configure(configure ?? (static _ => { }));
        composed.AddSingleton<NameLookup>((host, _) => IPAddress.TryParse(host, out var address)
            ? Task.FromResult<IPAddress[]>([address])
            : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));
        composed.AddSingleton<Connect>(SystemNetwork.ConnectAsync);
        composed.AddSingleton<RenderErrorEnvelope>((error, uuid) => Encoding.UTF8.GetBytes($"{{\"errors\":[\"{error.Code} {uuid}\"]}}"));
        foreach (var type in new[]
        {
            typeof(OutboundGuard), typeof(OutboundClients), typeof(WebhookSecrets), typeof(WebhookCall), typeof(SignedPost),
            typeof(PingReceiver), typeof(ListWebhooks), typeof(ReplayWebhooks), typeof(WebhookBodies), typeof(Endpoints),
            typeof(ClaimWebhooks), typeof(ReportAttempts), typeof(AttemptWebhook), typeof(SendWebhooks), typeof(SweepWebhooks),
        })
        {
            composed.AddSingleton(type);
        }

        services = composed.BuildServiceProvider();
    }

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public void StartSender() => sending = Task.Run(() => Get<SendWebhooks>().RunAsync(stop.Token));

    public void Wake() => Get<SendWebhooks>().Wake();

    /// <summary>A due webhook about a finished result; answers its id.</summary>
    public async Task<Guid> DueAsync(Guid tenantId, string url, string outputType = "Url", string blobKey = "none")
    {
        var (task, audio) = (Guid.CreateVersion7(), Guid.NewGuid());
        await spine.ExecuteAsync(
            """
            insert into task_results (task_id, result_index, audio_uuid, cost, size, finished_at, expires_at, blob_key, output_type, item)
            values ($1, 0, $2, 100, 1, now(), now() + interval '1 day', $3, $4, convert_to($5, 'UTF8'))
            """,
            task, audio, blobKey, outputType, $"{{\"taskType\":\"audioInference\",\"taskUUID\":\"{task}\",\"audioUUID\":\"{audio}\"}}");
        return await spine.AskAsync<Guid>(
            "insert into webhooks (tenant_id, task_id, task_uuid, result_index, url) values ($1, $2, $2, 0, $3) returning webhook_id",
            tenantId, task, url);
    }

    public async Task<IReadOnlyList<Guid>> DueAsync(Guid tenantId, string url, int count)
    {
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(await DueAsync(tenantId, url));
        }

        return ids;
    }

    public Task<string> StateAsync(Guid webhookId) => spine.AskAsync<string>("select state from webhooks where webhook_id = $1", webhookId);

    public Task StateIsAsync(Guid webhookId, string state) => Until.TrueAsync(async () => await StateAsync(webhookId) == state, 30);

    /// <summary>The next attempt of a waiting one is due now, as if its time had come.</summary>
    public async Task SkipWaitAsync(Guid webhookId)
    {
        await StateIsAsync(webhookId, "waiting");
        await spine.ExecuteAsync("update webhooks set next_attempt_at = now() where webhook_id = $1", webhookId);
    }

    public Task<string> SecretAsync(Guid tenantId) =>
        spine.AskAsync<string>("select secret from webhook_secrets where tenant_id = $1 order by created_at desc limit 1", tenantId);

    public async Task<IReadOnlyList<WebhookAttempt>> AttemptsAsync(Guid tenantId, Guid webhookId) =>
        (await Get<ListWebhooks>().ForTenantAsync(tenantId, null, null, 100, TestContext.Current.CancellationToken))
            .Single(view => view.WebhookId == webhookId).Attempts;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await sending.WaitAsync(TimeSpan.FromSeconds(30));

        // What a test leaves unsent must not be sent by the sender of the next.
        await spine.ExecuteAsync("update webhooks set state = 'dead' where state in ('due', 'leased', 'waiting')");
        stop.Dispose();
    }
}
