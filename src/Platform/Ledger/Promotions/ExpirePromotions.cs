using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Ledger.Promotions;

/// <summary>
/// A sweep: follows what promotions are used up by, and takes back what is left of those that have expired. What tasks hold that were accepted before stays
/// until they end: charged, it was used in time; released, it goes at the next look. Safe on several nodes at once, since each tenant's
/// account is locked.
/// </summary>
internal sealed partial class ExpirePromotions(IDbContextFactory<PlatformDb> databases, TimeProvider time, ILogger<ExpirePromotions> log)
{
    public const string Actor = "scheduler";

    public async Task RunAsync(CancellationToken cancellation)
    {
        List<Guid> tenants;
        await using (var database = await databases.CreateDbContextAsync(cancellation))
        {
            tenants = await database.Set<Promotion>()
                .Where(one => one.ClosedAt == null).Select(one => one.TenantId).Distinct().OrderBy(one => one).ToListAsync(cancellation);
        }

        foreach (var tenant in tenants)
        {
            await RunForTenantAsync(tenant, cancellation);
        }
    }

    public async Task RunForTenantAsync(Guid tenantId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        var books = await PromotionBooks.OpenAsync(database, tenantId, cancellation);
        var now = time.GetUtcNow();
        var due = books.Open.Where(one => one.ExpiresAt <= now && one.ClosedAt is null).ToList();
        var taken = 0L;
        if (due.Count > 0)
        {
            due.ForEach(one => one.SweptAt ??= books.Account.Now);
            var held = await books.HeldByAsync(due.Max(static one => one.SweptAt!.Value), cancellation);
            foreach (var promotion in due)
            {
                taken += await ExpireAsync(books, promotion, PromotionSpending.Due(promotion, ref held), cancellation);
            }
        }

        await books.SaveAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        if (taken > 0)
        {
            LogExpired(log, taken, tenantId);
        }
    }

    private static async Task<long> ExpireAsync(PromotionBooks books, Promotion promotion, long amount, CancellationToken cancellation)
    {
        var taken = Math.Min(amount, books.Account.Available);
        if (taken > 0)
        {
            // Several, where holds kept a part of it: what is left tells them apart.
            var reference = $"expiry:{promotion.Reference}:{promotion.Remaining - taken}";
            await books.EnterAsync(
                new PromotionEntry("expiry", taken, reference, $"Unused rest of '{promotion.Reference}'"), Actor, cancellation);
            promotion.Remaining -= taken;
        }

        if (promotion.Remaining == 0)
        {
            promotion.ClosedAt = books.Account.Now;
        }

        return taken;
    }

    [LoggerMessage(EventId = 4811, Level = LogLevel.Information, Message = "Promotional credit of {MicroUsd} micro-USD expired for tenant {TenantId}")]
    private static partial void LogExpired(ILogger log, long microUsd, Guid tenantId);
}
