using System.ComponentModel.DataAnnotations;

namespace Platform.Telemetry;

/// <summary>Where traces, metrics and logs go. Nothing leaves the process by default.</summary>
internal sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>
    /// A collector that takes traces, metrics and logs by OTLP, such as <c>http://collector:4317</c>. Empty: what
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says, else none.
    /// </summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary><c>grpc</c> or <c>http/protobuf</c>, for <see cref="OtlpEndpoint"/>.</summary>
    [RegularExpression("grpc|http/protobuf", ErrorMessage = "must be grpc or http/protobuf")]
    public string OtlpProtocol { get; set; } = "grpc";

    /// <summary>
    /// An address of its own that answers <c>/metrics</c> for Prometheus, such as <c>http://0.0.0.0:9464</c>. Whoever reaches it can read
    /// it: it belongs on a network that customers do not reach. Empty: none.
    /// </summary>
    public string MetricsUrl { get; set; } = "";

    /// <summary>The part of all traces that is exported, 0 to 1. Every step of a task is, or none.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; set; } = 0.1;

    /// <summary>How often the scheduler counts what waits in the database, for the gauges about it. Seconds.</summary>
    [Range(1.0, 3600.0)]
    public double MeasureSeconds { get; set; } = 10;
}
