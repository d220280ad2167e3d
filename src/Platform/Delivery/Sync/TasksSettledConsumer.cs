using MassTransit;
using Platform.Messaging;

namespace Platform.Delivery.Sync;

/// <summary>Step 12 of the walk, on the api node: an event about tasks of this node wakes their callers.</summary>
internal sealed class TasksSettledConsumer(SyncWaiters waiters) : IConsumer<TasksSettled>
{
    public Task Consume(ConsumeContext<TasksSettled> context) => waiters.HearAsync(context.Message.Tasks);
}
