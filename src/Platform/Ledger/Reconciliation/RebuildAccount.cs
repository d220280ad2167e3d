using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger.Reconciliation;

/// <summary>What an account was and what its entries make of it.</summary>
/// <param name="Corrections">Entries that were added: holds and releases that were missing.</param>
internal sealed record RebuiltAccount(long BalanceBefore, long HeldBefore, long Balance, long Held, int Corrections);

/// <summary>
/// Puts an account right by its entries, when an operator asks for it: books holds and releases that tasks lack, makes balance and held the sums of the
/// entries, and counts usage and open tasks anew. No entry is changed; a last one of nothing says when it was done.
/// </summary>
internal sealed class RebuildAccount(Database database, RollUsage roll)
{
    private static readonly string Correct = SqlText.Load("rebuild-entries");
    private static readonly string Sum = SqlText.Load("rebuild-account");

    // As settling locks: tasks in id order, then the account.
    private const string LockTasks = "select from open_tasks where tenant_id = $1 order by task_id for update";
    private const string LockAccount = "select balance, held from accounts where tenant_id = $1 for update";

    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    /// <exception cref="InvalidDataException">The entries sum up to less than the account may have.</exception>
    public async Task<RebuiltAccount> RunAsync(Guid tenantId, string actor, CancellationToken cancellation)
    {
        var rebuilt = await RunOnceAsync(tenantId, actor, cancellation);
        await roll.RunAsync(cancellation);
        return rebuilt;
    }

    private async Task<RebuiltAccount> RunOnceAsync(Guid tenantId, string actor, CancellationToken cancellation)
    {
        await using var connection = await database.Reports.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await RunAsync(connection, LockTasks, tenantId, cancellation);
        var (balance, held) = await LockAsync(connection, tenantId, cancellation);
        var corrections = await RunAsync(connection, Correct, tenantId, cancellation);
        try
        {
            await using var sum = new NpgsqlCommand(Sum, connection);
            sum.Add(tenantId);
            sum.Add(actor);
            sum.Add($"rebuild:{Guid.CreateVersion7()}");
            await using var row = await sum.ExecuteReaderAsync(cancellation);
            await row.ReadAsync(cancellation);
            var rebuilt = new RebuiltAccount(balance, held, row.GetInt64(0), row.GetInt64(1), corrections);
            await row.CloseAsync();
            await transaction.CommitAsync(cancellation);
            return rebuilt;
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.CheckViolation)
        {
            throw new InvalidDataException(
                "The entries sum up to less than nothing is left of: book what is missing with 'credits adjust' first, then rebuild.", refused);
        }
    }

    private static async Task<(long Balance, long Held)> LockAsync(NpgsqlConnection connection, Guid tenantId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(LockAccount, connection);
        command.Add(tenantId);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? (row.GetInt64(0), row.GetInt64(1))
            : throw new KeyNotFoundException($"There is no tenant {tenantId}.");
    }

    private static async Task<int> RunAsync(NpgsqlConnection connection, string statement, Guid tenantId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        command.Add(tenantId);
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
