using System.Collections.Concurrent;
using MassTransit;

namespace Platform.Messaging;

/// <summary>
/// Tells api nodes what has been settled, one message for all that gathers while the last one is on its way.
/// An event that is lost costs time only: the node looks for itself after a while.
/// </summary>
internal sealed partial class SettledEvents(IBus bus, QueueNames names, ILogger<SettledEvents> log)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, Outbox> _outboxes = new();

    public void Tell(Guid node, IEnumerable<SettledTask> tasks)
    {
        var outbox = _outboxes.GetOrAdd(node, static _ => new Outbox());
        lock (outbox)
        {
            outbox.Waiting.AddRange(tasks);
            if (outbox.Sending)
            {
                return;
            }

            outbox.Sending = true;
        }

        _ = SendAllAsync(node, outbox);
    }

    private async Task SendAllAsync(Guid node, Outbox outbox)
    {
        while (true)
        {
            SettledTask[] tasks;
            lock (outbox)
            {
                if (outbox.Waiting.Count == 0)
                {
                    // Nodes come and go: an outbox that is kept for each one that ever was would leak.
                    outbox.Sending = false;
                    _outboxes.TryRemove(KeyValuePair.Create(node, outbox));
                    return;
                }

                tasks = [.. outbox.Waiting];
                outbox.Waiting.Clear();
            }

            await SendAsync(node, tasks);
        }
    }

    private async Task SendAsync(Guid node, SettledTask[] tasks)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var endpoint = await bus.GetSendEndpoint(names.AddressOfNode(node));
            await endpoint.Send(new TasksSettled { Tasks = tasks }, NotDurable, patience.Token);
        }
#pragma warning disable CA1031 // The waiter has its own fallback; the settlement stands whatever happens to this message.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogEventLost(log, tasks.Length, fault.Message);
        }
    }

    // Nobody waits any longer when the broker comes back from a restart.
    private static readonly IPipe<SendContext<TasksSettled>> NotDurable =
        Pipe.Execute<SendContext<TasksSettled>>(static context => context.Durable = false);

    [LoggerMessage(EventId = 1202, Level = LogLevel.Warning, Message = "{Count} settled tasks could not be announced to their node: {Reason}")]
    private static partial void LogEventLost(ILogger log, int count, string reason);

    private sealed class Outbox
    {
        public List<SettledTask> Waiting { get; } = [];

        public bool Sending { get; set; }
    }
}
