using System.Runtime.InteropServices;

namespace Platform.Hosting;

/// <summary>Ctrl-C and SIGTERM before the host is there to hear them: a wait for a database must end when the operator says so.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations;

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
    ];

    public CancellationToken Token => _stop.Token;

    /// <summary>From here on the host's own lifetime listens.</summary>
    public void HandOver()
    {
        _registrations.ForEach(static registration => registration.Dispose());
        _registrations.Clear();
    }

    public void Dispose()
    {
        HandOver();
        _stop.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.Cancel();
    }
}
