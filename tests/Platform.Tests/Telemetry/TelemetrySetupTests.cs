using Platform.Telemetry;
using Xunit;

namespace Platform.Tests.Telemetry;

public sealed class TelemetrySetupTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("http://collector:4317", "http://0.0.0.0:9464")]
    [InlineData("https://collector.example.com/otlp", "http://*:9464/")]
    [InlineData("", "http://[::1]:9464")]
    public void Takes_addresses_that_can_be_called_and_listened_on(string collector, string metrics) =>
        Assert.Null(TelemetrySetup.FindFault(new TelemetryOptions { OtlpEndpoint = collector, MetricsUrl = metrics }));

    [Theory]
    [InlineData("collector:4317", "", "Telemetry:OtlpEndpoint")]
    [InlineData("grpc://collector:4317", "", "Telemetry:OtlpEndpoint")]
    [InlineData("", "9464", "Telemetry:MetricsUrl")]
    [InlineData("", "http://0.0.0.0", "Telemetry:MetricsUrl")]
    [InlineData("", "https://0.0.0.0:9464", "Telemetry:MetricsUrl")]
    [InlineData("", "http://0.0.0.0:9464/metrics", "Telemetry:MetricsUrl")]
    public void Says_which_address_is_none(string collector, string metrics, string named) => Assert.StartsWith(
        named, TelemetrySetup.FindFault(new TelemetryOptions { OtlpEndpoint = collector, MetricsUrl = metrics }), StringComparison.Ordinal);
}
