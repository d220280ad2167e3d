using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger.Promotions;

/// <summary>Promotional credit to be given.</summary>
internal sealed record GrantOrder(Guid TenantId, long Amount, string Reference, string Reason, DateTimeOffset ExpiresAt);

/// <summary>Gives credit that expires, once for each reference.</summary>
internal sealed class GrantCredit(IDbContextFactory<PlatformDb> databases)
{
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public async Task<BookedCredit> RunAsync(GrantOrder order, string actor, CancellationToken cancellation)
    {
        try
        {
            return await BookAsync(order, actor, cancellation);
        }
        catch (DbUpdateException refused) when (refused.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return await BookAsync(order, actor, cancellation);
        }
    }

    /// <summary>A tenant's promotions, newest first.</summary>
    public async Task<IReadOnlyList<Promotion>> ListForTenantAsync(Guid tenantId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<Promotion>().AsNoTracking()
            .Where(one => one.TenantId == tenantId).OrderByDescending(one => one.GrantedAt).Take(500).ToListAsync(cancellation);
    }

    private async Task<BookedCredit> BookAsync(GrantOrder order, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var books = await PromotionBooks.OpenAsync(database, order.TenantId, cancellation);
        if (await FindAsync(database, order, cancellation) is { } known)
        {
            return new BookedCredit(known, IsNew: false);
        }

        database.Add(new Promotion
        {
            PromotionId = Guid.CreateVersion7(books.Account.Now),
            TenantId = order.TenantId,
            Reference = order.Reference,
            Reason = order.Reason,
            Amount = order.Amount,
            Remaining = order.Amount,
            GrantedAt = books.Account.Now,
            ExpiresAt = order.ExpiresAt,
        });
        var entry = await books.EnterAsync(new PromotionEntry("grant", order.Amount, order.Reference, order.Reason), actor, cancellation);
        await books.SaveAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new BookedCredit(entry, IsNew: true);
    }

    private static async Task<LedgerEntry?> FindAsync(PlatformDb database, GrantOrder order, CancellationToken cancellation)
    {
        var found = await database.Database.SqlQuery<Earlier>(
            $"""
            select entry_id as "EntryId", at as "At", kind as "Kind", amount as "Amount", balance_after as "BalanceAfter", reason as "Reason"
              from ledger_entries where tenant_id = {order.TenantId} and reference = {order.Reference}
            """).ToListAsync(cancellation);
        return found is [var one]
            ? new LedgerEntry
            {
                EntryId = one.EntryId,
                At = one.At,
                Kind = LedgerEntry.NameOf(one.Kind),
                Amount = LedgerEntry.SignOf(one.Kind) * one.Amount,
                BalanceAfter = one.BalanceAfter,
                Reference = order.Reference,
                Reason = one.Reason,
            }
            : null;
    }

    private sealed record Earlier(long EntryId, DateTimeOffset At, string Kind, long Amount, long BalanceAfter, string? Reason);
}
