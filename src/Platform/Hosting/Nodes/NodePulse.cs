using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Telemetry;

namespace Platform.Hosting.Nodes;

/// <summary>
/// Says every few seconds that this process is alive, and learns on the way whether the database answers. At a clean end the row goes, so
/// that what is left and silent was killed.
/// </summary>
internal sealed partial class NodePulse(
    NodeFacts facts, Database database, IOptions<NodesOptions> options, TimeProvider time, ILogger<NodePulse> log) : BackgroundService
{
    private static readonly string Beat = SqlText.Load("node-beat");

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(options.Value.HeartbeatSeconds);
    private bool _isAway;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await using var command = database.Relaxed.CreateCommand("delete from nodes where node_id = $1");
            command.Add(facts.Id);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault) || fault is OperationCanceledException)
        {
            LogAway(log, fault.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            do
            {
                await BeatAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task BeatAsync(CancellationToken stopping)
    {
        var started = time.GetTimestamp();
        try
        {
            await using var command = database.Relaxed.CreateCommand(Beat);
            command.Add(facts.Id);
            command.Add(facts.Host);
            command.Add(Environment.ProcessId);
            command.Add(facts.Roles);
            command.Add(TelemetrySetup.Version);
            command.Add(JsonSerializer.Serialize(facts.ReadPools()));
            command.Add(time.GetUtcNow());
            await command.ExecuteNonQueryAsync(stopping);
            NodeHealth.Answered(time.GetElapsedTime(started));
            _isAway = false;
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            NodeHealth.WasAway();
            if (fault is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction })
            {
                database.Clear();
            }

            if (!_isAway)
            {
                // Once an outage: everybody else who needs the database says it too.
                LogAway(log, fault.Message);
            }

            _isAway = true;
        }
    }

    [LoggerMessage(EventId = 5601, Level = LogLevel.Warning, Message = "This node cannot say that it is alive, the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}

/// <summary>What a process says about itself.</summary>
internal sealed record NodeFacts(Guid Id, string Roles, Func<IReadOnlyList<PoolSlots>> ReadPools)
{
    public string Host { get; } = Environment.MachineName;
}
