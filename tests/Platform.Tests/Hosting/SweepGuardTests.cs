using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Hosting;
using Xunit;

namespace Platform.Tests.Hosting;

public sealed class SweepGuardTests
{
    [Fact]
    public async Task A_sweep_succeeds_when_all_its_steps_do_and_each_is_tried()
    {
        SweepMetrics.Planned("teststeps", TimeSpan.FromSeconds(1));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        var ran = 0;
        Func<CancellationToken, Task> works = _ => Task.FromResult(ran++);
        await RunAsync([_ => throw new IOException("no store"), works]);
        Assert.Equal(1, ran);
        var before = Age();
        Assert.InRange(before, 0.05, 60);

        await RunAsync([works, works]);
        Assert.Equal(3, ran);
        Assert.InRange(Age(), 0, before);
    }

    private static ValueTask RunAsync(IReadOnlyList<Func<CancellationToken, Task>> steps) =>
        SweepGuard.RunAsync(steps, NullLogger<TestSteps>.Instance, TestContext.Current.CancellationToken);

    private static double Age()
    {
        var found = -1.0;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, self) =>
            {
                if (instrument.Name == "platform.sweep.age")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => found = (string?)tags[0].Value == "teststeps" ? value : found);
        listener.Start();
        listener.RecordObservableInstruments();
        return found;
    }

    private sealed class TestSteps;
}
