using System.Text;

namespace Platform.Bench.Report;

/// <summary>The figures as a person reads them.</summary>
internal static class Table
{
    public static string Render(Figures figures)
    {
        var text = new StringBuilder();
        var caution = figures.IsQuick ? ", quick run: short windows, figures are rough" : "";
        text.AppendLine().AppendLine($"{figures.Processors} processors, {figures.FileSystem}{caution}");
        AddValidation(text, figures.Validation);
        AddFloors(text, figures.Floors);
        AddSync(text, figures);
        AddLoad(text, figures);
        AddWebhooks(text, figures.Webhooks);
        AddMedia(text, figures.Media);
        AddOperations(text, figures);
        AddPools(text, figures.Pools);
        AddMoney(text, figures);
        AddPrograms(text, figures);
        AddBars(text, figures);
        AddAccount(text, figures);
        return text.ToString();
    }

    private static void AddValidation(StringBuilder text, ValidationFigure? validation)
    {
        if (validation is not null)
        {
            text.AppendLine().AppendLine("Validation: parse, check and defaults on one core");
            text.AppendLine($"  {validation.Bytes:N0} bytes {validation.Microseconds,10:0.0} µs   {validation.Allocated:N0} bytes allocated");
        }
    }

    private static void AddFloors(StringBuilder text, Floors? floors)
    {
        if (floors is null)
        {
            return;
        }

        text.AppendLine().AppendLine("Floors");
        foreach (var (connections, rate) in floors.Inserts)
        {
            var mark = rate >= floors.InsertFloor ? "  <- the floor" : "";
            text.AppendLine($"  durable inserts, {connections,3} connections      {rate,10:N0} /s{mark}");
        }

        text.AppendLine($"  publish + confirm + consume          {floors.Messages,10:N0} /s");
        if (floors.InsertCpu is { } cpu)
        {
            text.AppendLine($"  CPU of an insert, client included    {cpu,10:0} µs");
        }

        if (floors is { InsertStep: { } insert, MessageStep: { } message })
        {
            text.AppendLine($"  a lone durable insert, median        {insert,10:0.00} ms");
            text.AppendLine($"  a lone message, median               {message,10:0.00} ms");
        }
    }

    private static void AddSync(StringBuilder text, Figures figures)
    {
        if (figures.Sync.Count == 0)
        {
            return;
        }

        text.AppendLine().AppendLine("Sync tasks, closed loop");
        foreach (var (connections, figure) in figures.Sync)
        {
            var ratio = figures.Floors is { } floors ? $"  {figure.PerSecond / floors.InsertFloor:0.00} x floor" : "";
            var latency = $"p50 {figure.P50,7:0.0} ms   p99 {figure.P99,7:0.0} ms";
            text.AppendLine($"  {connections,3} connections {figure.PerSecond,10:N0} /s   {latency}{ratio}");
        }
    }

    private static void AddLoad(StringBuilder text, Figures figures)
    {
        if (figures.Latency is { } latency)
        {
            text.AppendLine().AppendLine($"Sync latency at {latency.PerSecond:0} requests/s, open loop");
            text.AppendLine($"  p50 {latency.P50:0.00} ms   p95 {latency.P95:0.00} ms   p99 {latency.P99:0.00} ms");
            text.AppendLine($"  a request that the api answers at once, median {latency.RequestStep:0.00} ms");
        }

        if (figures.Async is { } burst)
        {
            text.AppendLine().AppendLine($"Async, {burst.Tasks:N0} tasks at once");
            var drain = $"drained {burst.DrainSeconds:0.00} s after the first ({burst.Tasks / burst.DrainSeconds:N0} /s)";
            text.AppendLine($"  accepted {burst.AcceptedPerSecond:N0} /s   {drain}");
        }

        if (figures.Sockets is { } sockets)
        {
            text.AppendLine().AppendLine($"Sockets, {sockets.Count:N0} authenticated and idle");
            text.AppendLine($"  {sockets.Megabytes:0.0} MB more in the api   opened {sockets.OpenedPerSecond:N0} /s");
        }
    }

    private static void AddWebhooks(StringBuilder text, WebhookFigure? webhooks)
    {
        if (webhooks is not null)
        {
            text.AppendLine().AppendLine($"Webhooks, {webhooks.Webhooks:N0} to 100 receivers, of which 10 hang and 10 answer 500");
            text.AppendLine($"  all at once:  {webhooks.HealthyPerSecond:N0} /s to those that answer, delay p99 {webhooks.BurstP99:N0} ms");
            text.AppendLine($"  at 1,000 /s:  delay p50 {webhooks.DelayP50:N0} ms   p99 {webhooks.DelayP99:N0} ms");
            text.AppendLine($"  {webhooks.Retries:N0} retries; off their step of the schedule on average:");
            text.AppendLine("    at 1,000 /s:  " + Deviations(webhooks.RetryDeviations));
            text.AppendLine("    all at once:  " + Deviations(webhooks.BurstRetryDeviations));
        }
    }

    private static void AddMedia(StringBuilder text, MediaFigure? media)
    {
        if (media is not null)
        {
            text.AppendLine().AppendLine("Media, a file of 200 kB over 32 connections, every fourth request for half of it");
            text.AppendLine($"  {media.PerSecond:N0} /s, {media.MegabytesPerSecond:N0} MB/s");
            text.AppendLine($"  the api held {media.MemoryBefore:N0} MB, then {media.MemoryAfter:N0} MB");
        }
    }

    private static void AddOperations(StringBuilder text, Figures figures)
    {
        if (figures.Telemetry is { } telemetry)
        {
            text.AppendLine().AppendLine($"Telemetry, sync at {telemetry.Connections} connections, {telemetry.Off.Count} windows each, in turn");
            text.AppendLine($"  without {Median(telemetry.Off):N0} /s   with {Median(telemetry.On):N0} /s");
            text.AppendLine($"  {telemetry.Exports:N0} exports, {telemetry.Scrapes:N0} scrapes");
        }

        if (figures.Rolling is { } rolling)
        {
            text.AppendLine().AppendLine($"Rolling restart of {rolling.Restarts.Count} processes at {rolling.PerSecond:0} requests/s behind a balancer");
            text.AppendLine($"  {rolling.Answered:N0} answered, {rolling.Failed:N0} failed, p99 {rolling.P99:0} ms, took {rolling.Seconds:0} s");
            text.AppendLine("               told at   ended   ready, s        p50       p99     worst, ms");
            foreach (var step in rolling.Restarts)
            {
                text.AppendLine(
                    $"  {step.Name,-12} {step.Began,7:0.0} {step.Ended,7:0.0} {step.Ready,7:0.0} {step.P50,13:0.0} {step.P99,9:0} {step.Worst,9:0}");
            }

            text.AppendLine($"  a killed worker's tasks were elsewhere {rolling.AfterLease:0.0} s after its lease");
        }
    }

    private static double Median(IReadOnlyList<double> values) => TelemetryFigure.Median(values);

    private static void AddPools(StringBuilder text, PoolsFigure? pools)
    {
        if (pools is not null)
        {
            text.AppendLine().AppendLine("Pools, a speech server that takes 200 ms a call, or 400 ms with two workers");
            text.AppendLine(
                $"  one worker of 32 slots: {pools.CallShare,6:P1} in calls, {pools.PerSecond:N0} calls/s, {pools.HeldPerSlot:0.00} tasks held a slot");
            text.AppendLine(
                $"  two of them:            {pools.CallShareOfTwo,6:P1} in calls, {pools.PerSecondOfTwo:N0} calls/s, {pools.HeldPerSlotOfTwo:0.00} held");
            text.AppendLine($"  away for {pools.OutageSeconds:0} s: {pools.WaitingAtReturn:N0} tasks waited, at most {pools.MostAttempts} attempts");
            text.AppendLine($"  first success {pools.FirstSuccessSeconds:0.00} s after its return, all done after {pools.DrainSeconds:0.0} s");
        }
    }

    private static void AddMoney(StringBuilder text, Figures figures)
    {
        if (figures.Money is { } money)
        {
            text.AppendLine().AppendLine($"Money, {money.Connections} connections, windows in turns");
            text.AppendLine($"  with a price {money.Priced:N0} /s   free {money.Free:N0} /s   money takes {money.Cost:0.0%}");
        }

        if (figures.Costs is { } costs)
        {
            text.AppendLine().AppendLine($"Exports of {costs.Rows:N0} charges");
            var seconds = string.Join("   ", costs.Seconds.Select(static one => $"{one.Key} {one.Value:0.0} s"));
            text.AppendLine($"  {seconds}   api peak {costs.PeakMegabytes:0} MB");
        }

        if (figures.Soak is { } soak)
        {
            text.AppendLine().AppendLine($"Soak, {soak.Accepted:N0} tasks in {soak.Seconds:0} s");
            text.AppendLine($"  {soak.Delivered:N0} results, {soak.Failures:N0} failures, {soak.Cancels:N0} cancels, {soak.Crashes:N0} silent workers,");
            text.AppendLine($"  {soak.Duplicates:N0} doubles, {soak.ClockJumps:N0} clock jumps, {soak.Kills:N0} killed connections,");
            text.AppendLine($"  {soak.Disasters:N0} crashes of the server, {soak.Refunds:N0} refunds");
            text.AppendLine($"  differences afterwards: {soak.Differences}");
        }
    }

    private static string Deviations(IReadOnlyDictionary<double, double> bySteps) => string.Join(
        "   ", bySteps.OrderBy(static step => step.Key).Select(static step => $"{step.Key} s {step.Value:+0.0%;-0.0%}"));

    private static void AddPrograms(StringBuilder text, Figures figures)
    {
        if (figures.Memory is null || figures.CpuPerTask is not { } cpu)
        {
            return;
        }

        text.AppendLine().AppendLine("Programs            peak of largest process    all its memory at the end    CPU per task");
        foreach (var memory in figures.Memory)
        {
            var share = cpu.GetValueOrDefault(memory.Name);
            text.AppendLine($"  {memory.Name,-12} {memory.PeakMegabytes,25:0} MB {memory.ShareMegabytes,25:0} MB {share,12:0} µs");
        }

        text.AppendLine($"  {"client",-12} {"",28} {"",28} {cpu.GetValueOrDefault("client"),12:0} µs");
    }

    private static void AddBars(StringBuilder text, Figures figures)
    {
        var bars = Bar.Judge(figures);
        if (bars.Count == 0)
        {
            return;
        }

        text.AppendLine().AppendLine("Bars");
        foreach (var bar in bars)
        {
            var sign = bar.IsFloor ? ">=" : "<=";
            var aim = bar.Aim is { } wanted ? $"(aim {wanted})" : "";
            text.AppendLine($"  {bar.Name,-42} {bar.Value,8:0.00}   {sign} {bar.Limit,-4} {aim,-10} {bar.Verdict}");
        }
    }

    private static void AddAccount(StringBuilder text, Figures figures)
    {
        if (figures.Accounted is { } accounted)
        {
            var seen = $"{figures.Answered:N0} answered, {figures.Failed:N0} failed";
            text.AppendLine().AppendLine($"Accounting: {seen}, {accounted.Tasks:N0} tasks in the database");
        }

        foreach (var fault in figures.Faults)
        {
            text.AppendLine($"  FAULT: {fault}");
        }
    }
}
