using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>
/// The sweep that forgets finished tasks with their payloads after the retention time; the ledger keeps what they cost. The row of a
/// task whose link lives longer stays as long as its link, without its taskUUID and what was asked for.
/// </summary>
internal sealed class ForgetTasks(Database database, IOptions<TasksOptions> options, TimeProvider time)
{
    private const int AtOnce = 1000;
    private static readonly string Whole = SqlText.Load("forget");
    private static readonly string Payload = SqlText.Load("forget-payload");

    public async Task RunAsync(CancellationToken cancellation)
    {
        await RunAsync(Whole, cancellation);
        await RunAsync(Payload, cancellation);
    }

    private async Task RunAsync(string statement, CancellationToken cancellation)
    {
        var age = TimeSpan.FromDays(options.Value.RetentionDays);
        var newest = Guid.CreateVersion7(time.GetUtcNow() - age);
        int forgotten;
        do
        {
            await using var command = database.Relaxed.CreateCommand(statement);
            command.Add(age);
            command.Add(newest);
            command.Add(AtOnce);
            forgotten = await command.ExecuteNonQueryAsync(cancellation);
        }
        while (forgotten == AtOnce);
    }
}
