using MassTransit;
using Platform.Messaging;

namespace Platform.Tasks;

/// <summary>
/// Step 5 of the walk, on the worker: a ticket makes the pool's worker look. A worker that could fill all its slots passes
/// the ticket on, so that the next one looks as well, until one finds nothing more.
/// </summary>
internal sealed class WorkAvailableConsumer(PoolWorkers workers, TicketOffice tickets) : IConsumer<WorkAvailable>
{
    // A worker whose slots are all taken keeps a ticket no longer than this: another one may be idle. When all are busy, their
    // tickets go round at this pace, which costs next to nothing.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    public async Task Consume(ConsumeContext<WorkAvailable> context)
    {
        var pool = context.Message.Pool;
        if (workers.Find(pool) is not { } worker)
        {
            return;
        }

        bool moreWaits;
        try
        {
            moreWaits = await worker.TakeTicketAsync(context.Message.KnockId, context.CancellationToken).WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            moreWaits = true;
        }

        if (moreWaits)
        {
            tickets.Announce(pool);
        }
    }
}
