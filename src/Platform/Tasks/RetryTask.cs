using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>What became of an operator's wish to run a task again.</summary>
internal enum Retried
{
    NotFound,

    /// <summary>It waited, perhaps for its next attempt: it can be claimed now.</summary>
    Released,

    /// <summary>It was running: its worker has lost it, and that attempt does not count.</summary>
    TakenBack,

    /// <summary>It had failed or expired: it waits again, under a new hold.</summary>
    Again,

    /// <summary>It succeeded or was cancelled, which nobody undoes.</summary>
    Final,

    /// <summary>Its tenant has not enough available for the new hold.</summary>
    Unaffordable,

    /// <summary>Its tenant is suspended or erased.</summary>
    Closed,

    /// <summary>What was asked for is no longer stored.</summary>
    Forgotten,
}

/// <summary>
/// Runs a task again at an operator's word. Nothing is charged silently: an open task keeps its one hold, an ended one gets a new hold for
/// what is missing, as a customer's own second request would. Each is one audited statement.
/// </summary>
internal sealed class RetryTask(Database database, IOptions<TasksOptions> options)
{
    private static readonly string Waiting = SqlText.Load("retry-waiting");
    private static readonly string Ended = SqlText.Load("retry-ended");

    public async Task<Retried> RunAcrossTenantsAsync(Guid taskId, string actor, CancellationToken cancellation)
    {
        await using var waiting = database.Durable.CreateCommand(Waiting);
        waiting.Add(taskId);
        waiting.Add(actor);
        if (await waiting.ExecuteScalarAsync(cancellation) is bool ran)
        {
            return ran ? Retried.TakenBack : Retried.Released;
        }

        await using var ended = database.Durable.CreateCommand(Ended);
        ended.Add(taskId);
        ended.Add(actor);
        ended.Add(TimeSpan.FromMinutes(options.Value.DeadlineMinutes));
        return await ended.ExecuteScalarAsync(cancellation) switch
        {
            "again" => Retried.Again,
            "closed" => Retried.Closed,
            "forgotten" => Retried.Forgotten,
            "unaffordable" => Retried.Unaffordable,
            "finished" => Retried.Final,
            _ => await IsThereAsync(taskId, cancellation) ? Retried.Final : Retried.NotFound,
        };
    }

    private async Task<bool> IsThereAsync(Guid taskId, CancellationToken cancellation)
    {
        await using var look = database.Durable.CreateCommand("select true from tasks where task_id = $1");
        look.Add(taskId);
        return await look.ExecuteScalarAsync(cancellation) is true;
    }
}
