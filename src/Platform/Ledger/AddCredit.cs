using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>A payment into an account or out of it, by its reference: the same one twice is one entry.</summary>
internal sealed class AddCredit(Database database)
{
    private static readonly string Statement = SqlText.Load("credit");

    /// <summary>
    /// Books an amount in micro-USD; negative is a debit. True when it was booked now, false when its reference was booked before.
    /// </summary>
    /// <exception cref="InsufficientCreditException">A debit of more than the tenant has available.</exception>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public async Task<bool> RunAsync(Guid tenantId, long amount, string reference, string reason, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(Statement);
        command.Add(tenantId);
        command.Add(amount);
        command.Add(reference);
        command.Add(reason);
        try
        {
            return await command.ExecuteScalarAsync(cancellation) switch
            {
                "booked" => true,
                "known" => false,
                "short" => throw new InsufficientCreditException(),
                _ => throw new KeyNotFoundException($"There is no tenant {tenantId}."),
            };
        }
        catch (Npgsql.PostgresException refused) when (refused.SqlState == Npgsql.PostgresErrorCodes.UniqueViolation)
        {
            // Two at once with the same reference: the other one booked it.
            return false;
        }
    }
}

/// <summary>The account has less available than was to be taken from it.</summary>
internal sealed class InsufficientCreditException() : Exception("The account has less available than this debit takes.");
