using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>An amount to be booked to an account, in micro-USD; negative is a debit.</summary>
/// <param name="Reference">Books once for each tenant, however often it is sent.</param>
internal sealed record CreditOrder(Guid TenantId, long Amount, string Reference, string Reason)
{
    /// <summary>A billion dollars. It keeps every sum far from what a JSON number can say exactly.</summary>
    public const long Largest = 1_000_000_000_000_000;

    /// <summary>Corrects the books by an entry of either sign, against <c>adjustments</c> instead of <c>funding</c>.</summary>
    public bool IsAdjustment { get; init; }

    /// <summary>
    /// For money that left already, such as a payment that its bank took back: a debit of more than the tenant has available takes what there is,
    /// and the answer says what is missing.
    /// </summary>
    public bool TakesWhatThereIs { get; init; }
}

/// <summary>What became of an order: the entry that its reference has, and whether it was made now.</summary>
internal sealed record BookedCredit(LedgerEntry Entry, bool IsNew)
{
    /// <summary>Micro-USD of the order that the account did not have.</summary>
    public long Missing { get; init; }
}

/// <summary>A payment into an account or out of it, by its reference: the same one twice is one entry.</summary>
internal sealed class AddCredit(Database database)
{
    private static readonly string Statement = SqlText.Load("credit");

    /// <summary>
    /// Books an amount in micro-USD; negative is a debit. True when it was booked now, false when its reference was booked before.
    /// </summary>
    /// <exception cref="InsufficientCreditException">A debit of more than the tenant has available.</exception>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public async Task<bool> RunAsync(Guid tenantId, long amount, string reference, string reason, CancellationToken cancellation) =>
        (await BookAsync(new CreditOrder(tenantId, amount, reference, reason), "platform", cancellation)).IsNew;

    /// <inheritdoc cref="RunAsync"/>
    /// <param name="order">What to book.</param>
    /// <param name="actor">Who books, for the audit log.</param>
    /// <param name="cancellation">A caller that gives up may ask again with the same reference.</param>
    public async Task<BookedCredit> BookAsync(CreditOrder order, string actor, CancellationToken cancellation)
    {
        try
        {
            return await ExecuteAsync(order, actor, cancellation);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Two at once with the same reference: the other one booked it, and is visible to a statement that begins now.
            return await ExecuteAsync(order, actor, cancellation);
        }
    }

    private async Task<BookedCredit> ExecuteAsync(CreditOrder order, string actor, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(Statement);
        command.Add(order.TenantId);
        command.Add(order.Amount);
        command.Add(order.Reference);
        command.Add(order.Reason);
        command.Add(actor);
        command.Add(order.IsAdjustment ? "adjustment" : order.Amount < 0 ? "debit" : "credit");
        command.Add(order.TakesWhatThereIs);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return (row.IsDBNull(0) ? null : row.GetString(0)) switch
        {
            "booked" => Booked(ReadEntry(row, order.Reference), order, isNew: true),
            "known" => Booked(ReadEntry(row, order.Reference), order, isNew: false),
            "short" => throw new InsufficientCreditException(),
            _ => throw new KeyNotFoundException($"There is no tenant {order.TenantId}."),
        };
    }

    private static BookedCredit Booked(LedgerEntry entry, CreditOrder order, bool isNew) =>
        new(entry, isNew) { Missing = order.TakesWhatThereIs ? entry.Amount - order.Amount : 0 };

    private static LedgerEntry ReadEntry(NpgsqlDataReader row, string reference)
    {
        var kind = row.GetString(3);
        return new LedgerEntry
        {
            EntryId = row.GetInt64(1),
            At = row.GetFieldValue<DateTimeOffset>(2),
            Kind = kind,
            Amount = LedgerEntry.SignOf(kind) * row.GetInt64(4),
            BalanceAfter = row.GetInt64(5),
            Reference = reference,
            Reason = row.IsDBNull(6) ? null : row.GetString(6),
        };
    }
}

/// <summary>The account has less available than was to be taken from it.</summary>
internal sealed class InsufficientCreditException() : Exception("The account has less available than this debit takes.");
