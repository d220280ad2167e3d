using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Ledger.Promotions;

/// <summary>Credit that was given and not paid for, until it is used up or expires. Amounts are micro-USD.</summary>
internal sealed class Promotion : IEntityTypeConfiguration<Promotion>
{
    public Guid PromotionId { get; init; }

    public Guid TenantId { get; init; }

    public required string Reference { get; init; }

    public required string Reason { get; init; }

    public long Amount { get; init; }

    /// <summary>What no charge has used up.</summary>
    public long Remaining { get; set; }

    public DateTimeOffset GrantedAt { get; init; }

    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When expiring began. Tasks that were accepted by then may still be charged to it.</summary>
    public DateTimeOffset? SweptAt { get; set; }

    /// <summary>When nothing was left of it.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    public void Configure(EntityTypeBuilder<Promotion> builder) => builder.ToTable("promotions").HasKey(promotion => promotion.PromotionId);
}

/// <summary>An entry that may have used up promotional credit.</summary>
/// <param name="BoundAt">When its money was bound: a capture's at the acceptance of its task.</param>
internal sealed record SpendingEntry(long EntryId, string Kind, long Amount, long BalanceAfter, DateTimeOffset BoundAt);

/// <summary>
/// What uses up which promotion. Pure: charges use the promotion that expires first, and paid credit only once none is left; a debit or a negative
/// adjustment takes paid credit first.
/// </summary>
internal static class PromotionSpending
{
    /// <param name="open">Open promotions, the one that expires first at the beginning; their remaining amounts are changed.</param>
    public static void Apply(IReadOnlyList<Promotion> open, SpendingEntry entry)
    {
        if (entry.Kind == "capture")
        {
            Take(open.Where(one => one.GrantedAt <= entry.BoundAt && (one.SweptAt is null || entry.BoundAt <= one.SweptAt)), entry.Amount);
            return;
        }

        // Paid money went first, so promotions can only be what the balance still covers.
        Take(open, open.Sum(static one => one.Remaining) - Math.Max(0, entry.BalanceAfter));
    }

    /// <summary>What of each promotion that is due may go now, given what open tasks hold of the time before it was due.</summary>
    public static long Due(Promotion promotion, ref long held)
    {
        var reserved = Math.Min(promotion.Remaining, held);
        held -= reserved;
        return promotion.Remaining - reserved;
    }

    private static void Take(IEnumerable<Promotion> promotions, long amount)
    {
        foreach (var promotion in promotions)
        {
            if (amount <= 0)
            {
                return;
            }

            var taken = Math.Min(promotion.Remaining, amount);
            promotion.Remaining -= taken;
            amount -= taken;
        }
    }
}
