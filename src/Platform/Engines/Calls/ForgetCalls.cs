using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Engines.Calls;

/// <summary>The sweep that deletes what was written down of calls long ago.</summary>
internal sealed class ForgetCalls(Database database, IOptions<EnginesOptions> options)
{
    private const int AtOnce = 10_000;

    // By the place of the rows and not by a key, which they have none of.
    private const string Statement =
        "delete from engine_calls where ctid = any(array(select ctid from engine_calls where at < now() - $1::interval limit $2))";

    public async Task RunAsync(CancellationToken cancellation)
    {
        int forgotten;
        do
        {
            await using var command = database.Relaxed.CreateCommand(Statement);
            command.Add(TimeSpan.FromDays(options.Value.CallRetentionDays));
            command.Add(AtOnce);
            forgotten = await command.ExecuteNonQueryAsync(cancellation);
        }
        while (forgotten == AtOnce);
    }
}
