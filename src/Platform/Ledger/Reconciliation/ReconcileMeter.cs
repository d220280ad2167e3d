using System.Diagnostics.Metrics;

namespace Platform.Ledger.Reconciliation;

/// <summary>What the newest reconciliation that this process knows of came to, as metrics.</summary>
internal sealed class ReconcileMeter : IDisposable
{
    public const string MeterName = "Platform";

    private readonly Meter _meter = new(MeterName);
    private readonly TimeProvider _time;
    private volatile ReconcileReport? _last;

    public ReconcileMeter(TimeProvider time)
    {
        _time = time;
        _meter.CreateObservableGauge(
            "platform.reconcile.differences", Differences, "{difference}", "Differences that the newest reconciliation found, by check.");
        _meter.CreateObservableGauge(
            "platform.reconcile.failed_checks", FailedChecks, "{check}", "Checks of the newest reconciliation that could not be made.");
        _meter.CreateObservableGauge("platform.reconcile.age", Age, "s", "How long ago the newest reconciliation began.");
    }

    public void Show(ReconcileReport report)
    {
        if (_last is not { } last || last.At <= report.At)
        {
            _last = report;
        }
    }

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Differences() =>
        _last?.Checks.Select(static check => new Measurement<long>(check.Count, new KeyValuePair<string, object?>("check", check.Name))) ?? [];

    private IEnumerable<Measurement<int>> FailedChecks() => _last is { } last ? [new Measurement<int>(last.FailedChecks)] : [];

    private IEnumerable<Measurement<double>> Age() =>
        _last is { } last ? [new Measurement<double>((_time.GetUtcNow() - last.At).TotalSeconds)] : [];
}
