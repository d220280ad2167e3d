using System.Collections.Concurrent;
using MassTransit;

namespace Platform.Messaging;

/// <summary>
/// Sends tickets without making anybody wait for the broker. Announcements of a pool that arrive while enough of its
/// tickets are on their way share the next one: that one ticket speaks for all the tasks committed before it was sent.
/// </summary>
internal sealed partial class TicketOffice(IBus bus, QueueNames names, ILogger<TicketOffice> log)
{
    // More in flight shortens the wait of a lone task behind a slow confirm; fewer means fuller tickets under load.
    private const int LargestInFlight = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Desk> _desks = new(StringComparer.Ordinal);

    /// <param name="isUrgent">
    /// Somebody waits for one of a few tasks. A worker is then woken by a knock as well: a queue that writes every message to disk on
    /// several nodes takes longer than an idle worker does.
    /// </param>
    public void Announce(string pool, bool isUrgent = false)
    {
        var desk = _desks.GetOrAdd(pool, static _ => new Desk());
        lock (desk)
        {
            desk.Wanted = true;
            desk.IsUrgent |= isUrgent;
            if (desk.InFlight >= LargestInFlight)
            {
                return;
            }

            desk.InFlight++;
        }

        _ = SendWhileWantedAsync(pool, desk);
    }

    private async Task SendWhileWantedAsync(string pool, Desk desk)
    {
        // Callers announce from inside their own work: one step aside lets a whole batch of them share this ticket.
        await Task.Yield();
        while (true)
        {
            bool isUrgent;
            lock (desk)
            {
                if (!desk.Wanted)
                {
                    desk.InFlight--;
                    return;
                }

                desk.Wanted = false;
                (isUrgent, desk.IsUrgent) = (desk.IsUrgent, false);
            }

            if (isUrgent && names.AddressOfKnocks(pool) is { } knocks)
            {
                var knockId = Guid.NewGuid();
                await Task.WhenAll(SendAsync(knocks, pool, knockId), SendAsync(names.AddressOfPool(pool), pool, knockId));
            }
            else
            {
                await SendAsync(names.AddressOfPool(pool), pool, knockId: null);
            }
        }
    }

    private async Task SendAsync(Uri address, string pool, Guid? knockId)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var endpoint = await bus.GetSendEndpoint(address);
            await endpoint.Send(new WorkAvailable { Pool = pool, KnockId = knockId }, NotDurable, patience.Token);
        }
#pragma warning disable CA1031 // A ticket that did not go out delays a task until the next sweep; nothing else depends on it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogTicketLost(log, pool, fault.Message);
        }
    }

    // The row decides: after a restart of the broker the rescue sweep sends tickets for whatever waits.
    private static readonly IPipe<SendContext<WorkAvailable>> NotDurable =
        Pipe.Execute<SendContext<WorkAvailable>>(static context => context.Durable = false);

    [LoggerMessage(EventId = 1201, Level = LogLevel.Warning, Message = "No ticket went out for pool {Pool}, the rescue sweep will: {Reason}")]
    private static partial void LogTicketLost(ILogger log, string pool, string reason);

    private sealed class Desk
    {
        public bool Wanted { get; set; }

        public bool IsUrgent { get; set; }

        public int InFlight { get; set; }
    }
}
