namespace Platform.Bench.Report;

/// <summary>A figure that has to be reached (or kept under), and the better one to aim for.</summary>
internal sealed record Bar(string Name, double Value, double Limit, double? Aim, bool IsFloor)
{
    public bool IsMet => Reaches(Limit);

    public string Verdict => (IsMet, Aim is { } aim && Reaches(aim)) switch
    {
        (false, _) => "MISSED",
        (true, true) => "met, aim reached",
        _ => "met",
    };

    private bool Reaches(double mark) => IsFloor ? Value >= mark : Value <= mark;

    /// <summary>The bars that the figures allow to judge.</summary>
    public static IReadOnlyList<Bar> Judge(Figures figures)
    {
        var bars = new List<Bar>();
        if (figures.Validation is { } validation)
        {
            bars.Add(new Bar("validation of a 1 kB task, µs", validation.Microseconds, 25, null, IsFloor: false));
        }

        if (figures.Floors is { } floors && figures.Sync.TryGetValue(256, out var sync))
        {
            bars.Add(new Bar("sync at 256 connections / insert floor", sync.PerSecond / floors.InsertFloor, 0.4, 0.7, IsFloor: true));
        }

        if (figures.CpuPerTask is { } cpu)
        {
            bars.Add(new Bar("CPU per task, client included, µs", cpu.Values.Sum(), 250, 130, IsFloor: false));
        }

        if (figures.Latency is { } latency)
        {
            bars.Add(new Bar("sync latency p50, ms", latency.P50, 4, 2.5, IsFloor: false));
            bars.Add(new Bar("sync latency p99, ms", latency.P99, 12, 8, IsFloor: false));
        }

        if (figures.Webhooks is { } webhooks)
        {
            bars.Add(new Bar("webhooks to receivers that answer, /s", webhooks.HealthyPerSecond, 1000, null, IsFloor: true));
            bars.Add(new Bar("their delay p99 at 1,000 /s, ms", webhooks.DelayP99, 2000, null, IsFloor: false));
            bars.Add(new Bar("retries off their schedule, parts of it", webhooks.WorstRetryDeviation, 0.1, null, IsFloor: false));
        }

        if (figures.Sockets is { } sockets)
        {
            bars.Add(new Bar("1,000 idle sockets, MB", sockets.Megabytes * 1000 / sockets.Count, 100, 30, IsFloor: false));
        }

        if (figures.Media is { } media)
        {
            bars.Add(new Bar("downloads of 200 kB, /s", media.PerSecond, 2000, null, IsFloor: true));
            bars.Add(new Bar("growth of the api's memory meanwhile, MB", media.MemoryAfter - media.MemoryBefore, 20, null, IsFloor: false));
        }

        bars.AddRange(JudgeOperations(figures));
        bars.AddRange(JudgeMoney(figures));
        bars.AddRange((figures.Memory ?? [])
            .Where(memory => memory.Name is "api" or "worker")
            .Select(memory => new Bar($"{memory.Name} peak memory, MB", memory.PeakMegabytes, 250, null, IsFloor: false)));
        return bars;
    }

    private static List<Bar> JudgeOperations(Figures figures)
    {
        var bars = new List<Bar>();
        if (figures.Telemetry is { } telemetry)
        {
            bars.Add(new Bar("throughput with telemetry / without", telemetry.Ratio, 0.95, null, IsFloor: true));
        }

        if (figures.Rolling is { } rolling)
        {
            bars.Add(new Bar("requests that failed in a rolling restart", rolling.Failed, 0, null, IsFloor: false));
            bars.Add(new Bar("a killed worker's tasks elsewhere, s over its lease", rolling.AfterLease, 5, null, IsFloor: false));
        }

        if (figures.Pools is { } pools)
        {
            bars.Add(new Bar("slots busy before a server of 200 ms, of 32", pools.CallShare, 0.95, null, IsFloor: true));
            bars.Add(new Bar("slots busy with a second worker, 400 ms, of 64", pools.CallShareOfTwo, 0.95, null, IsFloor: true));
            bars.Add(new Bar("first success after an outage, s", pools.FirstSuccessSeconds, 5, null, IsFloor: false));
        }

        return bars;
    }

    private static List<Bar> JudgeMoney(Figures figures)
    {
        var bars = new List<Bar>();
        if (figures.Money is { } money)
        {
            bars.Add(new Bar("throughput that money work takes, parts", money.Cost, 0.15, null, IsFloor: false));
        }

        if (figures.Costs is { } costs)
        {
            bars.Add(new Bar("slowest export of a million charges, s", costs.Seconds.Values.Max() * 1_000_000 / costs.Rows, 30, null, IsFloor: false));
            bars.Add(new Bar("api peak memory with exports, MB", costs.PeakMegabytes, 300, null, IsFloor: false));
        }

        if (figures.Soak is { } soak)
        {
            bars.Add(new Bar("differences in the books after the soak", soak.Differences + soak.FailedChecks, 0, null, IsFloor: false));
        }

        return bars;
    }
}
