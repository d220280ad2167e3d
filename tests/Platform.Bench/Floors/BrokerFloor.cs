using System.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Platform.Bench.Floors;

/// <summary>
/// What the broker can do at best: persistent messages through one quorum queue, each confirmed, consumed and acknowledged.
/// </summary>
internal static class BrokerFloor
{
    private const string Queue = "broker-floor";
    private const int InFlight = 512;
    private const int AcknowledgeEvery = 64;

    /// <summary>Messages per second that made the whole way.</summary>
    public static async Task<double> MeasureAsync(Uri broker, FloorTimes times, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = broker };
        await using var connection = await factory.CreateConnectionAsync(cancellation);
        await using var publishing = await connection.CreateChannelAsync(
            new CreateChannelOptions(true, true, outstandingPublisherConfirmationsRateLimiter: null), cancellation);
        await using var consuming = await connection.CreateChannelAsync(cancellationToken: cancellation);
        await consuming.BasicQosAsync(0, InFlight, false, cancellation);
        var arguments = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" };
        await publishing.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellation);
        var received = await CountConsumedAsync(consuming, cancellation);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var publishers = Enumerable.Range(0, InFlight).Select(_ => PublishInLoopAsync(publishing, stop.Token)).ToArray();
        await Task.Delay(times.WarmUp, cancellation);
        var (before, start) = (received(), Stopwatch.GetTimestamp());
        await Task.Delay(times.Window, cancellation);
        var rate = (received() - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(publishers);
        await publishing.QueueDeleteAsync(Queue, cancellationToken: cancellation);
        return rate;
    }

    private static async Task<Func<long>> CountConsumedAsync(IChannel channel, CancellationToken cancellation)
    {
        var received = 0L;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            if (Interlocked.Increment(ref received) % AcknowledgeEvery == 0)
            {
                await channel.BasicAckAsync(delivery.DeliveryTag, multiple: true, cancellation);
            }
        };
        await channel.BasicConsumeAsync(Queue, autoAck: false, consumer, cancellation);
        return () => Interlocked.Read(ref received);
    }

    private static async Task PublishInLoopAsync(IChannel channel, CancellationToken stop)
    {
        var body = new byte[256];
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        while (!stop.IsCancellationRequested)
        {
            // Returns when the broker has confirmed it. Not cancelled half-way: a confirm that nobody waits for would be counted by none.
            await channel.BasicPublishAsync("", Queue, mandatory: true, properties, body, CancellationToken.None);
        }
    }
}
