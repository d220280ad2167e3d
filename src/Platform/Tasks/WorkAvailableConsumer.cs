using MassTransit;
using Platform.Messaging;

namespace Platform.Tasks;

/// <summary>
/// Step 5 of the walk, on the worker: a ticket makes the pool's worker look. A worker that could fill all its slots passes
/// the ticket on, so that the next one looks as well, until one finds nothing more.
/// </summary>
internal sealed class WorkAvailableConsumer(PoolWorkers workers, TicketOffice tickets) : IConsumer<WorkAvailable>
{
    // A ticket may wait for a slot as long as tasks run. Past this it is passed on, so that it does not sit with one busy worker
    // until the broker takes the consumer for dead (RabbitMQ: 30 minutes).
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

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
            moreWaits = await worker.TakeTicketAsync(context.CancellationToken).WaitAsync(Patience);
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
