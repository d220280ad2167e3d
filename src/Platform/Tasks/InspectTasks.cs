using Npgsql;
using Platform.Delivery;
using Platform.Persistence;
using Platform.Telemetry;

namespace Platform.Tasks;

/// <summary>A task as an operator sees it. What was asked for is the customer's and not in it.</summary>
internal sealed record InspectedTask
{
    public required Guid TaskId { get; init; }

    public required Guid TenantId { get; init; }

    public string? Tenant { get; init; }

    public string? KeyPrefix { get; init; }

    /// <summary>None where it is free again while a link lives on.</summary>
    public Guid? TaskUUID { get; init; }

    public required string Model { get; init; }

    public required string Pool { get; init; }

    public required string State { get; init; }

    public required int Attempt { get; init; }

    public required int NumberResults { get; init; }

    public required int FinishedResults { get; init; }

    public required long PricePerResultMicroUsd { get; init; }

    public required long HeldMicroUsd { get; init; }

    public required long ChargedMicroUsd { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public DateTimeOffset? AvailableAt { get; init; }

    public DateTimeOffset? LeaseUntil { get; init; }

    public DateTimeOffset? Deadline { get; init; }

    public string? ErrorCode { get; init; }

    public string? ErrorMessage { get; init; }

    public string? TraceId { get; init; }

    public int Webhooks { get; init; }

    public int WebhooksDelivered { get; init; }
}

/// <summary>What an operator's list is narrowed to; null is all.</summary>
internal sealed record InspectFilter(Guid? TenantId, string? State, string? Pool, string? KeyPrefix, int Limit);

/// <summary>Shows operators how tasks stand.</summary>
internal sealed class InspectTasks(Database database)
{
    private static readonly string ById = SqlText.Load("find-task");
    private static readonly string Recent = SqlText.Load("recent-tasks");

    /// <summary>By the platform's id or the customer's; two tenants may use the same one, so there may be several.</summary>
    public Task<IReadOnlyList<InspectedTask>> FindAcrossTenantsAsync(Guid id, CancellationToken cancellation) =>
        ReadAsync(ById, command => command.Add(id), cancellation);

    public Task<IReadOnlyList<InspectedTask>> ListAcrossTenantsAsync(InspectFilter filter, CancellationToken cancellation) =>
        ReadAsync(Recent, command => AddFilter(command, filter), cancellation);

    private static void AddFilter(NpgsqlCommand command, InspectFilter filter)
    {
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid, Value = (object?)filter.TenantId ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = (object?)filter.State ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = (object?)filter.Pool ?? DBNull.Value });
        command.Add(filter.Limit);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text, Value = (object?)filter.KeyPrefix ?? DBNull.Value });
    }

    private async Task<IReadOnlyList<InspectedTask>> ReadAsync(
        string statement, Action<NpgsqlCommand> addParameters, CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(statement);
        addParameters(command);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var tasks = new List<InspectedTask>();
        while (await row.ReadAsync(cancellation))
        {
            tasks.Add(Read(row));
        }

        return tasks;
    }

    private static InspectedTask Read(NpgsqlDataReader row)
    {
        var error = row.IsDBNull(17) ? null : ItemJson.ReadError(row.GetFieldValue<byte[]>(17));
        return new InspectedTask
        {
            TaskId = row.GetGuid(0),
            TenantId = row.GetGuid(1),
            Tenant = row.IsDBNull(2) ? null : row.GetString(2),
            KeyPrefix = row.IsDBNull(3) ? null : row.GetString(3),
            TaskUUID = row.IsDBNull(4) ? null : row.GetGuid(4),
            Model = row.GetString(5),
            Pool = row.GetString(6),
            State = row.GetString(7),
            Attempt = row.GetInt16(8),
            NumberResults = row.GetInt16(9),
            PricePerResultMicroUsd = row.GetInt64(10),
            HeldMicroUsd = row.GetInt64(11),
            AcceptedAt = row.GetFieldValue<DateTimeOffset>(12),
            FinishedAt = Instant(row, 13),
            AvailableAt = Instant(row, 14),
            LeaseUntil = Instant(row, 15),
            Deadline = Instant(row, 16),
            ErrorCode = error?.Code,
            ErrorMessage = error?.Message,
            TraceId = TraceStamp.TraceIdOf(row.IsDBNull(18) ? null : row.GetFieldValue<byte[]>(18)),
            FinishedResults = row.GetInt32(19),
            ChargedMicroUsd = row.GetInt64(20),
            Webhooks = row.GetInt32(21),
            WebhooksDelivered = row.GetInt32(22),
        };
    }

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
