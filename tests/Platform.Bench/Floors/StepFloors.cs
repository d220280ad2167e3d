using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Platform.Bench.Load;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Platform.Bench.Floors;

/// <summary>
/// What a lone step takes at the pace of the latency measure, when processors and caches have gone to rest between two of them. The way of a
/// synchronous task has a commit before its engine and one after, and a message before and one after, so twice their sum is the least it can take.
/// </summary>
internal static class StepFloors
{
    private const string Queue = "step-floor";

    /// <summary>One row in a transaction of its own, waited to disk.</summary>
    public static async Task<Latencies> MeasureInsertAsync(string connectionString, StepTimes times, CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var create = new NpgsqlCommand("create table step_floor (note text not null)", connection);
        await create.ExecuteNonQueryAsync(cancellation);
        await using var insert = new NpgsqlCommand("insert into step_floor (note) values ($1)", connection);
        insert.Parameters.Add(new NpgsqlParameter { Value = "one row, one commit", NpgsqlDbType = NpgsqlDbType.Text });
        await insert.PrepareAsync(cancellation);
        var latencies = await RepeatAsync(() => insert.ExecuteNonQueryAsync(cancellation), times, cancellation);
        await using var drop = new NpgsqlCommand("drop table step_floor", connection);
        await drop.ExecuteNonQueryAsync(cancellation);
        return latencies;
    }

    /// <summary>One message that nobody stores or confirms, from its publishing to its consumer.</summary>
    public static async Task<Latencies> MeasureMessageAsync(Uri broker, StepTimes times, CancellationToken cancellation)
    {
        var factory = new ConnectionFactory { Uri = broker };
        await using var sending = await factory.CreateConnectionAsync(cancellation);
        await using var receiving = await factory.CreateConnectionAsync(cancellation);
        await using var publishing = await sending.CreateChannelAsync(cancellationToken: cancellation);
        await using var consuming = await receiving.CreateChannelAsync(cancellationToken: cancellation);
        await consuming.QueueDeclareAsync(Queue, durable: false, exclusive: true, autoDelete: false, cancellationToken: cancellation);
        var arrived = new SemaphoreSlim(0);
        var consumer = new AsyncEventingBasicConsumer(consuming);
        consumer.ReceivedAsync += (_, _) =>
        {
            arrived.Release();
            return Task.CompletedTask;
        };
        await consuming.BasicConsumeAsync(Queue, autoAck: true, consumer, cancellation);
        var body = new byte[256];
        return await RepeatAsync(
            async () =>
            {
                await publishing.BasicPublishAsync("", Queue, body, cancellation);
                await arrived.WaitAsync(cancellation);
            },
            times,
            cancellation);
    }

    /// <summary>One request that the api answers without looking at anything, on a connection that stays open.</summary>
    public static async Task<Latencies> MeasureRequestAsync(IPEndPoint api, StepTimes times, CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(api, cancellation);
        var request = Encoding.ASCII.GetBytes($"GET /health/live HTTP/1.1\r\nHost: {api}\r\n\r\n");
        var reply = new byte[4096];
        return await RepeatAsync(
            async () =>
            {
                await socket.SendAsync(request, cancellation);
                var length = await socket.ReceiveAsync(reply, cancellation);
                if (!reply.AsSpan(0, length).StartsWith("HTTP/1.1 200"u8))
                {
                    throw new BenchException($"{api} does not say that it is alive");
                }
            },
            times,
            cancellation);
    }

    private static async Task<Latencies> RepeatAsync(Func<Task> step, StepTimes times, CancellationToken cancellation)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1 / times.PerSecond));
        var latencies = new Latencies();
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < times.WarmUp + times.Window)
        {
            await pace.WaitForNextTickAsync(cancellation);
            var begun = Stopwatch.GetTimestamp();
            await step();
            if (Stopwatch.GetElapsedTime(start) > times.WarmUp)
            {
                latencies.Add(Stopwatch.GetTimestamp() - begun);
            }
        }

        return latencies;
    }
}

/// <summary>How often a lone step is repeated, and how long.</summary>
internal sealed record StepTimes(double PerSecond, TimeSpan WarmUp, TimeSpan Window);
