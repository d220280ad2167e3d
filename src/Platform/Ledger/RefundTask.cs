using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>What is to be paid back: all that a task was charged for, or one result.</summary>
internal sealed record RefundOrder(Guid TenantId, string Reference, string Reason)
{
    public Guid? TaskUuid { get; init; }

    public Guid? AudioUuid { get; init; }
}

/// <summary>What became of a refund.</summary>
internal enum RefundOutcome
{
    Booked,

    /// <summary>The reference had refunded before; the entries are those of that time.</summary>
    Known,

    /// <summary>The reference belongs to something else than this refund.</summary>
    ReferenceInUse,

    /// <summary>Nothing was charged for a task or result of this id.</summary>
    NothingCaptured,

    /// <summary>All that was charged has been refunded under other references.</summary>
    NothingLeft,
}

/// <summary>What a refund came to.</summary>
internal sealed record Refund(RefundOutcome Outcome, IReadOnlyList<LedgerEntry> Entries)
{
    public long Amount => Entries.Sum(static entry => entry.Amount);
}

/// <summary>
/// Pays back captures, each at most once and whole: what no table of results remembers any more is found in the ledger. A refund comes back as credit that
/// does not expire, whatever it was paid with.
/// </summary>
internal sealed class RefundTask(Database database)
{
    private static readonly string Captures = SqlText.Load("refund-captures");
    private static readonly string Statement = SqlText.Load("refund");

    public async Task<Refund> RunAsync(RefundOrder order, string actor, CancellationToken cancellation)
    {
        var captures = await FindCapturesAsync(order, cancellation);
        try
        {
            return await BookAsync(order, captures, actor, cancellation);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another refund of the same results, or with the same reference, came first; a statement that begins now sees it.
            try
            {
                return await BookAsync(order, captures, actor, cancellation);
            }
            catch (PostgresException again) when (again.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                return new Refund(RefundOutcome.ReferenceInUse, []);
            }
        }
    }

    private async Task<Refund> BookAsync(RefundOrder order, List<Capture> captures, string actor, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(Statement);
        command.Add(order.TenantId);
        command.Add(order.Reference);
        command.Add(order.Reason);
        command.Add(actor);
        command.AddColumn(captures, static one => one.TaskId);
        command.AddColumn(captures, static one => one.TaskUuid);
        command.AddColumn(captures, static one => one.AudioUuid);
        command.AddColumn(captures, static one => one.Model);
        command.AddColumn(captures, static one => one.Amount);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var (outcome, entries) = (RefundOutcome.NothingLeft, new List<LedgerEntry>());
        while (await row.ReadAsync(cancellation))
        {
            outcome = row.GetString(0) == "booked" ? RefundOutcome.Booked : RefundOutcome.Known;
            entries.Add(Read(row));
        }

        if (outcome == RefundOutcome.Known)
        {
            return Recognises(order, entries[0]) ? new Refund(outcome, entries) : new Refund(RefundOutcome.ReferenceInUse, []);
        }

        return entries.Count > 0 ? new Refund(outcome, entries)
            : new Refund(captures.Count > 0 ? RefundOutcome.NothingLeft : RefundOutcome.NothingCaptured, []);
    }

    private static bool Recognises(RefundOrder order, LedgerEntry entry) => entry.Kind == "refund"
        && (order.TaskUuid is null || order.TaskUuid == entry.TaskUUID) && (order.AudioUuid is null || order.AudioUuid == entry.AudioUUID);

    private async Task<List<Capture>> FindCapturesAsync(RefundOrder order, CancellationToken cancellation)
    {
        if (order.TaskUuid is null && order.AudioUuid is null)
        {
            throw new ArgumentException("A refund is of a task or of a result.", nameof(order));
        }

        await using var command = database.Reports.CreateCommand(Captures);
        command.Add(order.TenantId);
        command.Add(order.TaskUuid);
        command.Add(order.AudioUuid);
        command.Add(await FindStartAsync(order, cancellation));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var captures = new List<Capture>();
        while (await row.ReadAsync(cancellation))
        {
            captures.Add(new Capture(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), row.GetInt64(4)));
        }

        return captures;
    }

    // A task that is not forgotten saves reading its tenant's whole ledger.
    private async Task<DateTimeOffset> FindStartAsync(RefundOrder order, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(
            """
            select t.accepted_at from tasks t where t.tenant_id = $1 and t.task_uuid = $2
             union all
            select t.accepted_at from task_results r join tasks t using (task_id) where t.tenant_id = $1 and r.audio_uuid = $3
             limit 1
            """);
        command.Add(order.TenantId);
        command.Add(order.TaskUuid);
        command.Add(order.AudioUuid);
        return await command.ExecuteScalarAsync(cancellation) is DateTime at ? new DateTimeOffset(at) : DateTimeOffset.UnixEpoch;
    }

    private static LedgerEntry Read(NpgsqlDataReader row) => new()
    {
        EntryId = row.GetInt64(1),
        At = row.GetFieldValue<DateTimeOffset>(2),
        Kind = LedgerEntry.NameOf(row.GetString(3)),
        Amount = LedgerEntry.SignOf(row.GetString(3)) * row.GetInt64(4),
        BalanceAfter = row.GetInt64(5),
        TaskUUID = row.IsDBNull(6) ? null : row.GetGuid(6),
        AudioUUID = row.IsDBNull(7) ? null : row.GetGuid(7),
        Model = row.IsDBNull(8) ? null : row.GetString(8),
        Reference = row.IsDBNull(9) ? null : row.GetString(9),
        Reason = row.IsDBNull(10) ? null : row.GetString(10),
    };

    private sealed record Capture(Guid TaskId, Guid TaskUuid, Guid AudioUuid, string Model, long Amount);
}
