using System.Diagnostics;
using Npgsql;
using Platform.Bench.Load;
using Platform.Bench.Report;

namespace Platform.Bench.Webhooks;

/// <summary>
/// 100 receivers, of which 10 hang and 10 answer 500, and 10,000 webhooks: once all due in the same moment, which shows the rate, and once
/// due at 1,000 a second, which shows the delay. Rows are written as the settling transaction writes them; the sender is a process of its own.
/// </summary>
internal sealed class WebhookMeasure(NpgsqlDataSource database, bool isQuick)
{
    private const int Receivers = 100;
    private const int Failing = 10;
    private const int Hanging = 10;
    private const int PerSecond = 1000;

    private static readonly double[] Steps = [0.25, 0.5, 1, 2, 4, 8];

    private int Webhooks => isQuick ? 2000 : 10_000;

    public async Task<WebhookFigure> MeasureAsync(CancellationToken cancellation)
    {
        // The first calls pay for compilation, and those behind them for its second tier; what is measured is a sender that runs.
        await RunAsync(isPaced: false, isQuick ? 1500 : 5000, TimeSpan.FromSeconds(isQuick ? 3 : 12), cancellation);
        var burst = await RunAsync(isPaced: false, Webhooks, TimeSpan.FromSeconds(24), cancellation);
        var paced = await RunAsync(isPaced: true, Webhooks, TimeSpan.FromSeconds(24), cancellation);
        await ClearAsync(cancellation);
        return new WebhookFigure
        {
            Webhooks = Webhooks,
            HealthyPerSecond = burst.PerSecond,
            BurstP99 = burst.P99,
            DelayP50 = paced.P50,
            DelayP99 = paced.P99,
            RetryDeviations = paced.Deviations,
            BurstRetryDeviations = burst.Deviations,
            Retries = paced.Retries,
            Missing = burst.Missing + paced.Missing,
        };
    }

    private async Task<Round> RunAsync(bool isPaced, int count, TimeSpan patience, CancellationToken cancellation)
    {
        using var receivers = new WebhookReceivers(Receivers, Failing, Hanging);
        var targets = receivers.Urls;
        var ids = Enumerable.Range(0, count).Select(static _ => Guid.NewGuid()).ToArray();
        var due = new long[count];
        var started = Stopwatch.GetTimestamp();
        var slice = isPaced ? PerSecond / 20 : count;
        for (var from = 0; from < count; from += slice)
        {
            var wait = TimeSpan.FromSeconds(isPaced ? (double)from / PerSecond : 0) - Stopwatch.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, cancellation);
            }

            var part = ids[from..Math.Min(count, from + slice)];
            await InsertAsync(part, [.. part.Select((_, i) => targets[(from + i) % Receivers].Url)], cancellation);
            Array.Fill(due, Stopwatch.GetTimestamp(), from, part.Length);
        }

        var healthy = Enumerable.Range(0, count).Where(i => targets[i % Receivers].Manner == Manner.Answers).ToArray();
        await Task.Delay(patience, cancellation);
        await StopAsync(cancellation);
        return await JudgeAsync(receivers, ids, due, healthy, cancellation);
    }

    private async Task<Round> JudgeAsync(WebhookReceivers receivers, Guid[] ids, long[] due, int[] healthy, CancellationToken cancellation)
    {
        var delays = new Latencies();
        var missing = 0;
        var last = due[0];
        lock (receivers.Arrivals)
        {
            foreach (var i in healthy)
            {
                if (!receivers.Arrivals.TryGetValue(ids[i], out var times))
                {
                    missing++;
                    continue;
                }

                last = Math.Max(last, times[0]);
                delays.Add(Math.Max(0, times[0] - due[i]));
            }
        }

        var waits = await ReadWaitsAsync(ids, cancellation);
        return new Round(
            (healthy.Length - missing) / Stopwatch.GetElapsedTime(due[0], last).TotalSeconds,
            delays.Percentile(50).TotalMilliseconds,
            delays.Percentile(99).TotalMilliseconds,
            waits.ToDictionary(static step => Steps[step.Key], static step => (step.Value.Average() / Steps[step.Key]) - 1),
            waits.Sum(static step => step.Value.Count),
            missing);
    }

    // By step, how long retries came after the end of the attempt before. The jitter of 20 % is even to both sides, so that the mean of many
    // is the step itself.
    private async Task<Dictionary<int, List<double>>> ReadWaitsAsync(Guid[] ids, CancellationToken cancellation)
    {
        const string Waits =
            """
            select attempt, extract(epoch from at - lag(at + duration_ms * interval '1 ms') over (partition by webhook_id order by attempt))::float8
              from webhook_attempts where webhook_id = any($1)
            """;
        await using var command = database.CreateCommand(Waits);
        command.CommandTimeout = 120;
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var waits = new Dictionary<int, List<double>>();
        while (await row.ReadAsync(cancellation))
        {
            var step = row.GetInt32(0) - 2;
            if (!row.IsDBNull(1) && step < Steps.Length)
            {
                waits.TryAdd(step, []);
                waits[step].Add(row.GetDouble(1));
            }
        }

        // The few of a step that the end of the round cut off would not be even.
        return waits.Where(static step => step.Value.Count >= 100).ToDictionary();
    }

    private async Task InsertAsync(Guid[] ids, string[] urls, CancellationToken cancellation)
    {
        const string Insert =
            """
            with incoming as (select * from unnest($1::uuid[], $2::text[]) as i(id, url)),
            results as (
                insert into task_results (task_id, result_index, audio_uuid, cost, size, finished_at, expires_at, deleted_at, blob_key,
                                          output_type, item)
                select id, 0, id, 100, 1, now(), now() + interval '1 d', now(), 'none', 'Url',
                       convert_to('{"taskType":"audioInference","taskUUID":"' || id || '","audioUUID":"' || id || '","seed":1}', 'UTF8')
                  from incoming
            )
            insert into webhooks (webhook_id, tenant_id, task_id, task_uuid, result_index, url)
            select id, (select min(tenant_id::text)::uuid from tenants), id, id, 0, url from incoming
            """;
        await using var command = database.CreateCommand(Insert);
        command.CommandTimeout = 120;
        command.Parameters.Add(new NpgsqlParameter { Value = ids });
        command.Parameters.Add(new NpgsqlParameter { Value = urls });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    // The accounting behind the measures takes a result without a task for a fault, and rightly so.
    private async Task ClearAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("delete from task_results where blob_key = 'none'; truncate webhooks, webhook_attempts");
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task StopAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("update webhooks set state = 'dead' where state in ('due', 'waiting')");
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private sealed record Round(double PerSecond, double P50, double P99, Dictionary<double, double> Deviations, int Retries, int Missing);
}
