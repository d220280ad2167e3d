using MassTransit;
using Platform.Messaging;

namespace Platform.Delivery.Webhooks;

/// <summary>A bell wakes the sender of this process.</summary>
internal sealed class WebhooksDueConsumer(SendWebhooks sender) : IConsumer<WebhooksDue>
{
    public Task Consume(ConsumeContext<WebhooksDue> context)
    {
        sender.Wake();
        return Task.CompletedTask;
    }
}
