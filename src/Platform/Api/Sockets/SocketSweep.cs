using Platform.Persistence;

namespace Platform.Api.Sockets;

/// <summary>
/// Looks after the open sockets once a second, and every second time asks in one statement whether their keys still hold: an idle socket of
/// a revoked key or a suspended tenant must not stay open either.
/// </summary>
internal sealed partial class SocketSweep(
    OpenSockets sockets, Database database, TimeProvider time, ILogger<SocketSweep> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly string Statement = SqlText.Load("live-keys");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            for (var asks = false; await timer.WaitForNextTickAsync(stoppingToken); asks = !asks)
            {
                sockets.Sweep();
                if (asks)
                {
                    await CheckKeysAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task CheckKeysAsync(CancellationToken cancellation)
    {
        var keys = sockets.Keys;
        if (keys.Count == 0)
        {
            return;
        }

        try
        {
            await using var command = database.Relaxed.CreateCommand(Statement);
            command.Add(keys.ToArray());
            var dead = keys.ToHashSet();
            await using (var row = await command.ExecuteReaderAsync(cancellation))
            {
                while (await row.ReadAsync(cancellation))
                {
                    dead.Remove(row.GetGuid(0));
                }
            }

            if (dead.Count > 0)
            {
                _ = sockets.RefuseAsync(dead);
            }
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            LogAway(log, fault.Message);
        }
    }

    [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "The keys of open sockets were not checked, the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}
