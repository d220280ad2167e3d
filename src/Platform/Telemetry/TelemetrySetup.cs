using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Platform.Telemetry;

/// <summary>The only place that knows who listens: an OTLP collector, a Prometheus that scrapes, both, or nobody.</summary>
internal static class TelemetrySetup
{
    // By these the SDK is told itself; one of them is as good as our own setting.
    private static readonly string[] EndpointVariables =
    [
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
    ];

    public static string Version { get; } = typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>Null when the settings fit together; else what is wrong.</summary>
    public static string? FindFault(TelemetryOptions options) => options switch
    {
        { OtlpEndpoint.Length: > 0 } when !IsHttp(options.OtlpEndpoint) =>
            "Telemetry:OtlpEndpoint is an http or https address, such as http://collector:4317, or empty.",
        { MetricsUrl.Length: > 0 } when MetricsPort.Of(options) is null =>
            "Telemetry:MetricsUrl is an http address with a port of its own and no path, such as http://0.0.0.0:9464, or empty.",
        _ => null,
    };

    public static void AddTelemetry(this IServiceCollection services, IConfiguration settings, string roles)
    {
        services.Configure<TelemetryOptions>(settings.GetSection(TelemetryOptions.Section));
        var options = settings.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new TelemetryOptions();
        var isExported = options.OtlpEndpoint.Length > 0 || Array.Exists(EndpointVariables, name => settings[name] is { Length: > 0 });
        if (!isExported && options.MetricsUrl.Length == 0)
        {
            return;
        }

        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, roles, settings));
        telemetry.WithMetrics(metrics => Measure(metrics, options));
        if (!isExported)
        {
            return;
        }

        telemetry
            .WithTracing(traces => traces
                .AddSource(Traces.SourceName, "Microsoft.AspNetCore")
                .SetSampler(new IngressSampler(options.SampleRatio)))
            .WithLogging(configureBuilder: null, static logs => logs.IncludeFormattedMessage = true);
        Export(telemetry, options);
    }

    private static void Export(IOpenTelemetryBuilder telemetry, TelemetryOptions options)
    {
        if (options.OtlpEndpoint.Length == 0)
        {
            telemetry.UseOtlpExporter();
            return;
        }

        telemetry.UseOtlpExporter(
            options.OtlpProtocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf, new Uri(options.OtlpEndpoint));
    }

    private static void Describe(ResourceBuilder resource, string roles, IConfiguration settings)
    {
        resource.AddAttributes([new("platform.roles", roles), new("host.name", Environment.MachineName)]);
        if (settings["OTEL_SERVICE_NAME"] is not { Length: > 0 })
        {
            resource.AddService("platform", serviceVersion: Version);
        }
    }

    private static void Measure(MeterProviderBuilder metrics, TelemetryOptions options)
    {
        // The database driver's and the web server's own, and the runtime's memory and threads.
        metrics.AddMeter(
            Meters.Name, "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
        if (options.MetricsUrl.Length > 0)
        {
            metrics.AddPrometheusExporter();
        }
    }

    private static bool IsHttp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https";
}
