using Platform.Bench.Measures;

namespace Platform.Bench.Report;

/// <summary>Everything that a run measured; what was not asked for stays null. This is what is written as JSON.</summary>
internal sealed record Figures
{
    public required DateTimeOffset At { get; init; }

    public required bool IsQuick { get; init; }

    public required int Processors { get; init; }

    /// <summary>The file system under the database: a floor on one that lives in memory says nothing.</summary>
    public required string FileSystem { get; init; }

    public ValidationFigure? Validation { get; set; }

    public Floors? Floors { get; set; }

    /// <summary>Tasks per second in a closed loop, by number of connections.</summary>
    public IDictionary<int, SyncFigure> Sync { get; } = new SortedDictionary<int, SyncFigure>();

    /// <summary>CPU per task in microseconds at the highest number of connections, by program.</summary>
    public IReadOnlyDictionary<string, double>? CpuPerTask { get; set; }

    public LatencyFigure? Latency { get; set; }

    public AsyncFigure? Async { get; set; }

    public WebhookFigure? Webhooks { get; set; }

    public SocketFigure? Sockets { get; set; }

    public MediaFigure? Media { get; set; }

    public TelemetryFigure? Telemetry { get; set; }

    public RollingFigure? Rolling { get; set; }

    public PoolsFigure? Pools { get; set; }

    public MoneyFigure? Money { get; set; }

    public CostsFigure? Costs { get; set; }

    public Soak.SoakFigures? Soak { get; set; }

    public IReadOnlyList<MemoryUse>? Memory { get; set; }

    public long Answered { get; set; }

    public long Failed { get; set; }

    public AccountedTasks? Accounted { get; set; }

    /// <summary>Why the run does not count; empty when it does.</summary>
    public IList<string> Faults { get; } = [];
}

/// <summary>Time on one core and allocation of parsing and checking one body, of the model that takes longest.</summary>
/// <param name="Bytes">Size of the body.</param>
/// <param name="Microseconds">Of the median batch.</param>
/// <param name="Allocated">Bytes.</param>
internal sealed record ValidationFigure(int Bytes, double Microseconds, long Allocated);

/// <summary>Rows per second by number of connections, and messages per second.</summary>
internal sealed record Floors(IReadOnlyDictionary<int, double> Inserts, double Messages)
{
    /// <summary>CPU of one durable insert under load in microseconds, the client's included.</summary>
    public double? InsertCpu { get; init; }

    /// <summary>Median milliseconds of a lone durable insert at the pace of the latency measure.</summary>
    public double? InsertStep { get; init; }

    /// <summary>The same of a lone message, from its publishing to its consumer.</summary>
    public double? MessageStep { get; init; }

    public double InsertFloor => Inserts.Values.Max();
}

/// <summary>The median window of a closed loop, and its latencies in milliseconds.</summary>
internal sealed record SyncFigure(double PerSecond, double P50, double P99);

/// <summary>Latencies of an open loop in milliseconds, from when each request was due.</summary>
internal sealed record LatencyFigure(double PerSecond, double P50, double P95, double P99)
{
    /// <summary>Median milliseconds of a request at the same pace that the api answers without looking at anything.</summary>
    public double RequestStep { get; init; }
}

/// <summary>What open sockets that do nothing cost the api.</summary>
/// <param name="Megabytes">Resident memory with them, less that without.</param>
internal sealed record SocketFigure(int Count, double Megabytes, double OpenedPerSecond);

/// <summary>How fast tasks were accepted, and how long it took from the first submission until all were settled.</summary>
internal sealed record AsyncFigure(int Tasks, double AcceptedPerSecond, double DrainSeconds);
