using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Ledger;

/// <summary>A tenant's money, in micro-USD. Kept beside the entries that it is the sum of.</summary>
internal sealed class Account : IEntityTypeConfiguration<Account>
{
    public Guid TenantId { get; init; }

    /// <summary>Includes what is held. Negative only where a credit limit allows it.</summary>
    public long Balance { get; init; }

    /// <summary>Promised to tasks that are accepted and not settled.</summary>
    public long Held { get; init; }

    public long CreditLimit { get; init; }

    /// <summary>What a new task may cost at the most; never below zero, which the table itself checks.</summary>
    public long Available => Balance + CreditLimit - Held;

    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("accounts").HasKey(account => account.TenantId);
        builder.Ignore(account => account.Available);
    }
}
