using System.Collections.Concurrent;
using MassTransit;

namespace Platform.Messaging;

/// <summary>
/// Sends tickets without making anybody wait for the broker. Announcements of a pool that arrive while enough of its
/// tickets are on their way share the next one: that one ticket speaks for all the tasks committed before it was sent.
/// Between processes each announcement is a knock, by a queue that forgets within a second, and a few a second are tickets too, by the quorum queue:
/// that writes each message to disk twice, which takes longer than an idle worker does and outlives what it tells of.
/// </summary>
internal sealed partial class TicketOffice(IBus bus, QueueNames names, TimeProvider time, ILogger<TicketOffice> log)
{
    /// <summary>Between two tickets of a pool that only make up for knocks that were lost.</summary>
    public static readonly TimeSpan BetweenTickets = TimeSpan.FromMilliseconds(100);

    // More in flight shortens the wait of a lone task behind a slow confirm; fewer means fuller tickets under load.
    private const int LargestInFlight = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A knock that takes longer comes after the ticket that says the same.
    private static readonly TimeSpan KnockPatience = TimeSpan.FromSeconds(1);

    // The row decides: after a restart of the broker the rescue sweep sends tickets for whatever waits.
    private static readonly IPipe<SendContext<WorkAvailable>> NotDurable =
        Pipe.Execute<SendContext<WorkAvailable>>(static context => context.Durable = false);

    private readonly ConcurrentDictionary<string, Desk> _desks = new(StringComparer.Ordinal);

    public void Announce(string pool)
    {
        var desk = _desks.GetOrAdd(pool, static _ => new Desk());
        lock (desk)
        {
            desk.Wanted = true;
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
            lock (desk)
            {
                if (!desk.Wanted)
                {
                    desk.InFlight--;
                    return;
                }

                desk.Wanted = false;
            }

            if (names.AddressOfKnocks(pool) is { } knocks)
            {
                var knockId = Guid.NewGuid();
                await Task.WhenAll(KnockAsync(knocks, pool, knockId), FollowAsync(pool, desk, knockId));
            }
            else
            {
                await SendAsync(names.AddressOfPool(pool), pool, knockId: null);
            }
        }
    }

    /// <summary>The ticket for a knock: now, or together with those of the knocks that are still to come.</summary>
    private Task FollowAsync(string pool, Desk desk, Guid knockId)
    {
        TimeSpan wait;
        lock (desk)
        {
            desk.LastKnock = knockId;
            if (desk.IsTicketComing)
            {
                return Task.CompletedTask;
            }

            wait = desk.LastTicketAt is { } last ? BetweenTickets - time.GetElapsedTime(last) : TimeSpan.Zero;
            desk.IsTicketComing = wait > TimeSpan.Zero;
            desk.LastTicketAt = time.GetTimestamp();
        }

        if (wait <= TimeSpan.Zero)
        {
            return SendAsync(names.AddressOfPool(pool), pool, knockId);
        }

        _ = FollowLaterAsync(pool, desk, wait);
        return Task.CompletedTask;
    }

    private async Task FollowLaterAsync(string pool, Desk desk, TimeSpan wait)
    {
        await Task.Delay(wait, time);
        Guid knockId;
        lock (desk)
        {
            knockId = desk.LastKnock;
            desk.IsTicketComing = false;
            desk.LastTicketAt = time.GetTimestamp();
        }

        await SendAsync(names.AddressOfPool(pool), pool, knockId);
    }

    private async Task SendAsync(Uri address, string pool, Guid? knockId)
    {
        try
        {
            await SendAsync(address, pool, knockId, Patience);
        }
#pragma warning disable CA1031 // A ticket that did not go out delays a task until the next sweep; nothing else depends on it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogTicketLost(log, pool, fault.Message);
        }
    }

    private async Task KnockAsync(Uri address, string pool, Guid knockId)
    {
        try
        {
            await SendAsync(address, pool, knockId, KnockPatience);
        }
#pragma warning disable CA1031 // The ticket that follows says the same.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogKnockLost(log, pool, fault.Message);
        }
    }

    private async Task SendAsync(Uri address, string pool, Guid? knockId, TimeSpan patience)
    {
        using var end = new CancellationTokenSource(patience);
        var endpoint = await bus.GetSendEndpoint(address);
        await endpoint.Send(new WorkAvailable { Pool = pool, KnockId = knockId }, NotDurable, end.Token);
    }

    [LoggerMessage(EventId = 1201, Level = LogLevel.Warning, Message = "No ticket went out for pool {Pool}, the rescue sweep will: {Reason}")]
    private static partial void LogTicketLost(ILogger log, string pool, string reason);

    [LoggerMessage(EventId = 1204, Level = LogLevel.Debug, Message = "A knock for pool {Pool} was lost, its ticket follows: {Reason}")]
    private static partial void LogKnockLost(ILogger log, string pool, string reason);

    private sealed class Desk
    {
        public bool Wanted { get; set; }

        public int InFlight { get; set; }

        public Guid LastKnock { get; set; }

        public long? LastTicketAt { get; set; }

        public bool IsTicketComing { get; set; }
    }
}
