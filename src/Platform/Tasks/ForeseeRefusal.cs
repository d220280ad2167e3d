using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>
/// A look at what acceptance would say, before a recording is fetched, decoded and stored for a task that cannot be accepted. Only
/// acceptance decides: the answer may be another one by then.
/// </summary>
internal sealed class ForeseeRefusal(Database database)
{
    private static readonly string Statement = SqlText.Load("foresee");

    public async Task<Acceptance> RunAsync(NewTask task)
    {
        await using var command = database.Relaxed.CreateCommand(Statement);
        command.Add(task.TenantId);
        command.Add(task.TaskUuid);
        command.Add(task.MaxQueued);
        command.Add(task.PricePerResult * task.Spec.NumberResults);
        return await command.ExecuteScalarAsync() switch
        {
            "conflict" => Acceptance.Conflict,
            "full" => Acceptance.Full,
            "unaffordable" => Acceptance.Unaffordable,
            _ => Acceptance.Accepted,
        };
    }
}
