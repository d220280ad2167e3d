using Npgsql;

namespace Platform.Bench.Measures;

/// <summary>
/// Looks in the database whether every accepted task was settled exactly once. All SQL that knows the platform's tables is in this file.
/// </summary>
internal static class Accounting
{
    private const string CountOpen = "select count(*) from open_tasks";

    // The bench asks for one result a task, so each settled task has one result and one capture, and nothing stays on hold.
    // Grouped and joined, not looked up task by task: the ledger has no index by task, and a run leaves some hundred thousand.
    private const string Count =
        """
        with
          results as (select task_id, count(*) as n from task_results group by task_id),
          captures as (select task_id, count(*) as n from ledger_entries where kind = 'capture' group by task_id)
        select
          count(t.task_id),
          count(t.task_id) filter (where t.state <> 'succeeded'),
          count(*) filter (where t.task_id is null or r.n is distinct from 1),
          count(*) filter (where t.task_id is null or (t.price_per_result > 0 and c.n is distinct from 1)),
          (select coalesce(sum(held), 0)::bigint from accounts)
        from tasks t
        full join results r on r.task_id = t.task_id
        full join captures c on c.task_id = coalesce(t.task_id, r.task_id)
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
        command.CommandTimeout = 120;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new AccountedTasks(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4));
    }
}

/// <summary>What the database holds when nothing is under way any more.</summary>
/// <param name="Tasks">All tasks.</param>
/// <param name="Unsettled">Those that did not end well.</param>
/// <param name="WithoutOneResult">Those that have no result or more than one, and results of no task.</param>
/// <param name="WithoutOneCapture">Those that were charged never or more than once, and charges for no task.</param>
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
