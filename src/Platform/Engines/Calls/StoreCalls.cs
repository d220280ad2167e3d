using Npgsql;
using NpgsqlTypes;
using Platform.Persistence;

namespace Platform.Engines.Calls;

/// <summary>
/// Stores the recorded calls, many in one statement about once a second. A report and not the ledger: a process that is killed loses the calls
/// of its last second, and no money depends on them.
/// </summary>
internal sealed partial class StoreCalls(RecordCalls calls, Database database, TimeProvider time, ILogger<StoreCalls> log)
{
    private const int LargestBatch = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly string Statement = SqlText.Load("engine-calls");

    /// <summary>Stores until told to stop, and then what is left.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var rest = new List<EngineCall>();
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(Pause, time, stopping).ContinueWith(static _ => { }, TaskScheduler.Default);
            await DrainAsync(rest);
        }

        await DrainAsync(rest);
    }

    /// <summary>Stores what waits now. What the database does not take stays in <paramref name="rest"/> for the next time.</summary>
    public async Task DrainAsync(List<EngineCall> rest)
    {
        try
        {
            do
            {
                while (rest.Count < LargestBatch && calls.Waiting.TryRead(out var call))
                {
                    rest.Add(call);
                }

                if (rest.Count > 0)
                {
                    await WriteAsync(rest);
                    rest.Clear();
                }
            }
            while (calls.Waiting.Count > 0);
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            LogNotStored(log, rest.Count, fault.Message);
        }
    }

    private async Task WriteAsync(List<EngineCall> batch)
    {
        await using var command = database.Relaxed.CreateCommand(Statement);
        command.AddColumn(batch, static call => call.At);
        command.AddColumn(batch, static call => call.Origin?.TaskId);
        command.AddColumn(batch, static call => call.Origin?.TenantId);
        command.AddColumn(batch, static call => call.Origin?.Index);
        command.AddColumn(batch, static call => (short?)call.Origin?.Attempt);
        command.AddColumn(batch, static call => call.Pool);
        command.AddColumn(batch, static call => call.Engine);
        command.AddColumn(batch, static call => call.Model);
        AddTexts(command, batch, static call => call.Snapshot);
        command.AddColumn(batch, static call => call.Voice);
        command.AddColumn(batch, static call => call.Language);
        command.AddColumn(batch, static call => call.Characters);
        command.AddColumn(batch, static call => call.InputHash);
        command.AddColumn(batch, static call => (int?)call.FirstAudio?.TotalMilliseconds);
        command.AddColumn(batch, static call => (int)call.Total.TotalMilliseconds);
        command.AddColumn(batch, static call => (int)call.Audio.TotalMilliseconds);
        command.AddColumn(batch, static call => call.CapHit);
        command.AddColumn(batch, static call => (short)call.Retries);
        AddTexts(command, batch, static call => call.ProviderRequestId);
        command.AddColumn(batch, static call => call.Cost);
        command.AddColumn(batch, static call => call.Outcome);
        await command.ExecuteNonQueryAsync();
    }

    private static void AddTexts(NpgsqlCommand command, List<EngineCall> batch, Func<EngineCall, string?> text) => command.Parameters.Add(
        new NpgsqlParameter { Value = batch.ConvertAll(call => text(call)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });

    [LoggerMessage(EventId = 6111, Level = LogLevel.Warning, Message = "{Count} calls of engines are not stored yet: {Reason}")]
    private static partial void LogNotStored(ILogger log, int count, string reason);
}
