using Npgsql;
using Platform.Persistence;

namespace Platform.Tasks;

/// <summary>What a tenant's list of tasks is narrowed to; null is all.</summary>
internal sealed record TaskFilter(DateTimeOffset From, DateTimeOffset To)
{
    public string? State { get; init; }

    public string? Model { get; init; }

    /// <summary>The last task of the page before this one.</summary>
    public Guid? Before { get; init; }
}

/// <summary>One task of a list.</summary>
internal sealed record ListedTask
{
    public required Guid TaskId { get; init; }

    public required Guid TaskUuid { get; init; }

    public required string Model { get; init; }

    public required string State { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required int NumberResults { get; init; }

    public required int FinishedResults { get; init; }

    /// <summary>Micro-USD charged for the finished results.</summary>
    public required long Cost { get; init; }

    /// <summary>Why it ended early, as it is stored; null where it did not.</summary>
    public byte[]? Error { get; init; }
}

/// <summary>A tenant's tasks of the last 30 days, newest first.</summary>
internal sealed class ListTasks(Database database)
{
    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(1);
    private static readonly string All = SqlText.Load("list-tasks");
    private static readonly string Open = SqlText.Load("list-open-tasks");

    public async Task<IReadOnlyList<ListedTask>> RunForTenantAsync(
        Guid tenantId, TaskFilter filter, int limit, CancellationToken cancellation)
    {
        await using var command = database.Looks.CreateCommand(filter.State is TaskState.Pending or TaskState.Running ? Open : All);
        command.Add(tenantId);
        command.Add(filter.Before ?? Guid.CreateVersion7(Later(filter.To, ClockSlack)));
        command.Add(filter.From);
        command.Add(filter.To);
        command.Parameters.Add(Text(filter.Model));
        command.Parameters.Add(Text(filter.State));
        command.Add(limit);
        if (command.CommandText == All)
        {
            // Ids are time-ordered by their makers' clocks, so that a period is a range of the list's index.
            command.Add(Guid.CreateVersion7(Later(filter.From, -ClockSlack)));
        }

        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var tasks = new List<ListedTask>();
        while (await rows.ReadAsync(cancellation))
        {
            tasks.Add(Read(rows));
        }

        return tasks;
    }

    // Within what an id of this kind can say.
    private static DateTimeOffset Later(DateTimeOffset at, TimeSpan by)
    {
        var (first, last) = (DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue - ClockSlack);
        return (at < first + ClockSlack ? first + ClockSlack : at > last ? last : at) + by;
    }

    private static NpgsqlParameter Text(string? value) =>
        new() { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = value ?? (object)DBNull.Value };

    private static ListedTask Read(NpgsqlDataReader row) => new()
    {
        TaskId = row.GetGuid(0),
        TaskUuid = row.GetGuid(1),
        Model = row.GetString(2),
        State = row.GetString(3),
        AcceptedAt = row.GetFieldValue<DateTimeOffset>(4),
        FinishedAt = row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5),
        NumberResults = row.GetInt16(6),
        FinishedResults = row.GetInt32(7),
        Cost = row.GetInt64(8),
        Error = row.IsDBNull(9) ? null : row.GetFieldValue<byte[]>(9),
    };
}
