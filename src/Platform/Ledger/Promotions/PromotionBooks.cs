using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Ledger.Promotions;

/// <summary>A tenant's promotions inside a transaction that has locked its account: nothing can be held or captured meanwhile.</summary>
internal sealed class PromotionBooks
{
    private const string Spending =
        """
        select e.entry_id as "EntryId", e.kind as "Kind", abs(e.amount) as "Amount", e.balance_after as "BalanceAfter",
               coalesce(t.accepted_at, e.at) as "BoundAt"
          from ledger_entries e left join tasks t on t.task_id = e.task_id
         where e.tenant_id = {0} and e.entry_id > {1} and e.entry_id <= {2}
           and (e.kind in ('capture', 'debit') or (e.kind = 'adjustment' and e.amount < 0))
         order by e.entry_id
        """;

    private readonly PlatformDb _database;
    private readonly Guid _tenantId;
    private long _newest;

    private PromotionBooks(PlatformDb database, Guid tenantId, LockedAccount account)
    {
        _database = database;
        _tenantId = tenantId;
        Account = account;
    }

    public LockedAccount Account { get; private set; }

    /// <summary>Open promotions, the one that expires first at the beginning, with what is left of them now.</summary>
    public List<Promotion> Open { get; private set; } = [];

    /// <summary>Locks the account and brings its promotions up to its newest entry.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public static async Task<PromotionBooks> OpenAsync(PlatformDb database, Guid tenantId, CancellationToken cancellation)
    {
        var account = await database.Database.SqlQuery<LockedAccount>(
            $"""
            select balance as "Balance", held as "Held", credit_limit as "CreditLimit", clock_timestamp() as "Now"
              from accounts where tenant_id = {tenantId} for update
            """).SingleOrDefaultAsync(cancellation) ?? throw new KeyNotFoundException($"There is no tenant {tenantId}.");
        var books = new PromotionBooks(database, tenantId, account);
        await books.CatchUpAsync(cancellation);
        return books;
    }

    /// <summary>Books one entry of a kind that moves promotional money, with its audit entry.</summary>
    public async Task<LedgerEntry> EnterAsync(PromotionEntry entry, string actor, CancellationToken cancellation)
    {
        var signed = entry.Kind == "grant" ? entry.Amount : -entry.Amount;
        var before = Account.Balance;
        Account = Account with { Balance = before + signed };
        await _database.Database.ExecuteSqlAsync(
            $"update accounts set balance = {Account.Balance} where tenant_id = {_tenantId}", cancellation);
        var made = await _database.Database.SqlQuery<Made>(
            $"""
            insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, reference, reason)
            values ({_tenantId}, {entry.Kind}, {entry.Amount}, {Account.Balance}, {Account.Held}, {entry.Reference}, {entry.Reason})
            returning entry_id as "EntryId", at as "At"
            """).ToListAsync(cancellation);
        _newest = made[0].EntryId;
        _database.Add(new AuditEntry
        {
            At = made[0].At,
            Actor = actor,
            Action = "credits." + entry.Kind,
            TenantId = _tenantId,
            Subject = entry.Reference,
            Before = AuditEntry.Fields(new { Balance = before }),
            After = AuditEntry.Fields(new { Account.Balance, Amount = signed, entry.Reason }),
        });
        return new LedgerEntry
        {
            EntryId = made[0].EntryId,
            At = made[0].At,
            Kind = LedgerEntry.NameOf(entry.Kind),
            Amount = signed,
            BalanceAfter = Account.Balance,
            Reference = entry.Reference,
            Reason = entry.Reason,
        };
    }

    /// <summary>What open tasks hold that were accepted by an instant.</summary>
    public async Task<long> HeldByAsync(DateTimeOffset instant, CancellationToken cancellation) =>
        (await _database.Database.SqlQuery<long>(
            $"""
            select coalesce(sum(o.held), 0)::bigint as "Value"
              from open_tasks o join tasks t using (task_id) where o.tenant_id = {_tenantId} and t.accepted_at <= {instant}
            """).ToListAsync(cancellation))[0];

    /// <summary>Writes down what is left and how far it was looked. The caller commits.</summary>
    public async Task SaveAsync(CancellationToken cancellation)
    {
        await _database.SaveChangesAsync(cancellation);
        await _database.Database.ExecuteSqlAsync(
            $"""
            insert into promotion_progress (tenant_id, entry_id) values ({_tenantId}, {_newest})
            on conflict (tenant_id) do update set entry_id = excluded.entry_id
            """,
            cancellation);
    }

    private async Task CatchUpAsync(CancellationToken cancellation)
    {
        _newest = (await _database.Database.SqlQuery<long>(
            $"""
            select coalesce(max(entry_id), 0) as "Value" from ledger_entries where tenant_id = {_tenantId}
            """).ToListAsync(cancellation))[0];
        Open = await _database.Set<Promotion>()
            .Where(one => one.TenantId == _tenantId && one.ClosedAt == null)
            .OrderBy(one => one.ExpiresAt).ThenBy(one => one.GrantedAt).ToListAsync(cancellation);
        if (Open.Count == 0)
        {
            return;
        }

        var after = (await _database.Database.SqlQuery<long>(
            $"""
            select coalesce(max(entry_id), 0) as "Value" from promotion_progress where tenant_id = {_tenantId}
            """).ToListAsync(cancellation))[0];
        await foreach (var entry in _database.Database
            .SqlQueryRaw<SpendingEntry>(Spending, _tenantId, after, _newest).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            PromotionSpending.Apply(Open, entry);
        }

        foreach (var spent in Open.Where(static one => one.Remaining == 0))
        {
            spent.ClosedAt = Account.Now;
        }
    }

    private sealed record Made(long EntryId, DateTimeOffset At);
}

/// <summary>An account as its lock was taken.</summary>
internal sealed record LockedAccount(long Balance, long Held, long CreditLimit, DateTimeOffset Now)
{
    public long Available => Balance + CreditLimit - Held;
}

/// <summary>An entry to be made: <c>grant</c> or <c>expiry</c>, of a positive amount.</summary>
internal sealed record PromotionEntry(string Kind, long Amount, string Reference, string Reason);
