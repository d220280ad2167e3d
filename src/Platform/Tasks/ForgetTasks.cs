using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>
/// The sweep that forgets finished tasks with their payloads after the retention time; the ledger keeps what they cost. A task whose link
/// lives longer than that stays as long as its link.
/// </summary>
internal sealed class ForgetTasks(Database database, IOptions<TasksOptions> options, TimeProvider time)
{
    private static readonly string Statement = SqlText.Load("forget");

    public async Task RunAsync(CancellationToken cancellation)
    {
        var age = TimeSpan.FromDays(options.Value.RetentionDays);
        var newest = Guid.CreateVersion7(time.GetUtcNow() - age);
        int forgotten;
        do
        {
            await using var command = database.Relaxed.CreateCommand(Statement);
            command.Add(age);
            command.Add(newest);
            forgotten = await command.ExecuteNonQueryAsync(cancellation);
        }
        while (forgotten > 0);
    }
}
