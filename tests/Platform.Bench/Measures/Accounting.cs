using Npgsql;

namespace Platform.Bench.Measures;

/// <summary>
/// Looks in the database whether every accepted task was settled exactly once. All SQL that knows the platform's tables is in this file.
/// </summary>
internal static class Accounting
{
    private const string CountOpen = "select count(*) from tasks where state in ('pending', 'running')";

    // The bench asks for one result a task, so each settled task has one result and one capture, and nothing stays on hold.
    private const string Count =
        """
        select
          (select count(*) from tasks),
          (select count(*) from tasks where state <> 'succeeded'),
          (select count(*) from tasks t where (select count(*) from task_results r where r.task_id = t.task_id) <> 1),
          (select count(*) from tasks t
            where (select count(*) from ledger_entries l where l.task_id = t.task_id and l.kind = 'capture') <> 1),
          (select coalesce(sum(held), 0)::bigint from accounts)
        """;

    /// <summary>Tasks that are still to be settled.</summary>
    public static async Task<long> CountOpenAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(CountOpen);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task<AccountedTasks> CountAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(Count);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new AccountedTasks(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
    }
}

/// <summary>What the database holds when nothing is under way any more.</summary>
/// <param name="Tasks">All tasks.</param>
/// <param name="Unsettled">Those that did not end well.</param>
/// <param name="WithoutOneResult">Those that have no result, or more than one.</param>
/// <param name="WithoutOneCapture">Those that were charged never, or more than once.</param>
/// <param name="HeldMicroUsd">Money still on hold.</param>
internal sealed record AccountedTasks(long Tasks, long Unsettled, long WithoutOneResult, long WithoutOneCapture, long HeldMicroUsd)
{
    /// <summary>
    /// What does not add up with what the client saw; empty when everything does. A request that failed at the client may have been
    /// accepted all the same, so it may stand in the database, but need not.
    /// </summary>
    public IReadOnlyList<string> FindFaults(long answered, long failed)
    {
        var faults = new List<string>();
        if (Tasks < answered)
        {
            faults.Add($"{answered - Tasks} of {answered} accepted tasks are not in the database");
        }

        if (Tasks > answered + failed)
        {
            faults.Add($"the database holds {Tasks} tasks, but only {answered + failed} were sent");
        }

        AddIf(faults, Unsettled, "tasks did not end as succeeded");
        AddIf(faults, WithoutOneResult, "tasks do not have exactly one result");
        AddIf(faults, WithoutOneCapture, "tasks were not charged exactly once");
        AddIf(faults, HeldMicroUsd, "micro-USD are still on hold");
        return faults;
    }

    private static void AddIf(List<string> faults, long count, string meaning)
    {
        if (count != 0)
        {
            faults.Add($"{count} {meaning}");
        }
    }
}
