using MassTransit;

namespace Platform.Messaging;

/// <summary>Webhooks have become due. It names none: the rows say which, and a bell that is lost is made up for by a sweep.</summary>
public sealed record WebhooksDue;

/// <summary>
/// Wakes one sender of webhooks without making anybody wait for the broker. Rings that come while one is on its way share the next.
/// </summary>
internal sealed partial class WebhookBell(IBus bus, QueueNames names, ILogger<WebhookBell> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // With no sender running, bells must not gather in the queue; a sender that starts looks by itself.
    private static readonly IPipe<SendContext<WebhooksDue>> ShortLived = Pipe.Execute<SendContext<WebhooksDue>>(static context =>
    {
        context.Durable = false;
        context.TimeToLive = TimeSpan.FromSeconds(10);
    });

    private readonly Lock _gate = new();
    private bool _wanted;
    private bool _sending;

    public void Ring()
    {
        lock (_gate)
        {
            _wanted = true;
            if (_sending)
            {
                return;
            }

            _sending = true;
        }

        _ = SendWhileWantedAsync();
    }

    private async Task SendWhileWantedAsync()
    {
        await Task.Yield();
        while (true)
        {
            lock (_gate)
            {
                if (!_wanted)
                {
                    _sending = false;
                    return;
                }

                _wanted = false;
            }

            await SendAsync();
        }
    }

    private async Task SendAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var endpoint = await bus.GetSendEndpoint(names.AddressOfWebhooks);
            await endpoint.Send(new WebhooksDue(), ShortLived, patience.Token);
        }
#pragma warning disable CA1031 // A bell that did not ring delays webhooks until the next sweep; nothing else depends on it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogBellLost(log, fault.Message);
        }
    }

    [LoggerMessage(EventId = 1203, Level = LogLevel.Warning, Message = "The senders of webhooks were not woken, a sweep will find what is due: {Reason}")]
    private static partial void LogBellLost(ILogger log, string reason);
}
