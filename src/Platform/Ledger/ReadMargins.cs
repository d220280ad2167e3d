using System.Runtime.CompilerServices;
using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>What margins are summed up for.</summary>
internal enum MarginGroup
{
    Model,
    Day,
    Tenant,
    Task,
}

/// <summary>What customers paid and what engines cost us for it. Amounts are micro-USD.</summary>
/// <param name="Group">The model, the day as <c>2026-11-20</c> (UTC), the tenant's id or the task's own id.</param>
/// <param name="Results">Charged results.</param>
/// <param name="Calls">Calls of engines that were written down, failed ones included.</param>
internal sealed record Margin(string? Group, long Results, long Calls, long ChargedMicroUsd, long CostMicroUsd)
{
    public long MarginMicroUsd => ChargedMicroUsd - CostMicroUsd;
}

/// <summary>The margins of a period, read as they are asked for.</summary>
internal sealed class ReadMargins(Database database)
{
    private static readonly string Statement = SqlText.Load("margins");

    public async IAsyncEnumerable<Margin> SumAsync(
        MarginGroup group, Guid? tenantId, Period period, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var column = group switch
        {
            MarginGroup.Day => "to_char(e.at at time zone 'UTC', 'YYYY-MM-DD')",
            MarginGroup.Tenant => "e.tenant_id::text",
            MarginGroup.Task => "e.task_id::text",
            _ => "e.model",
        };
        await using var command = database.Durable.CreateCommand(Statement
            .Replace("/*charged-group*/", column, StringComparison.Ordinal)
            .Replace("/*spent-group*/", column, StringComparison.Ordinal)
            .Replace("/*tenant*/", tenantId is null ? "" : "and e.tenant_id = $3", StringComparison.Ordinal));
        command.CommandTimeout = 0;
        command.Add(period.From);
        command.Add(period.To);
        if (tenantId is { } id)
        {
            command.Add(id);
        }

        await using var rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            yield return new Margin(
                rows.IsDBNull(0) ? null : rows.GetString(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4));
        }
    }
}
