using Microsoft.EntityFrameworkCore;

namespace Platform.Persistence;

/// <summary>Which audit records are wanted.</summary>
internal sealed record AuditFilter(DateTimeOffset From, DateTimeOffset To)
{
    public Guid? TenantId { get; init; }

    /// <summary>An action such as <c>credits.refund</c>, or the beginning of some that ends in a dot.</summary>
    public string? Action { get; init; }

    public string? Actor { get; init; }

    /// <summary>Only records before this one.</summary>
    public long? Before { get; init; }
}

/// <summary>Reads the audit log: who did what, and what it changed.</summary>
internal sealed class AuditTrail(IDbContextFactory<PlatformDb> databases)
{
    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<AuditEntry>> ListAsync(AuditFilter filter, int limit, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var found = database.Set<AuditEntry>().AsNoTracking().Where(entry => entry.At >= filter.From && entry.At < filter.To);
        found = filter.TenantId is { } tenant ? found.Where(entry => entry.TenantId == tenant) : found;
        found = filter.Before is { } before ? found.Where(entry => entry.AuditId < before) : found;
        found = filter.Actor is { } actor ? found.Where(entry => entry.Actor == actor) : found;
        found = filter.Action switch
        {
            null => found,
            _ when filter.Action.EndsWith('.') => found.Where(entry => entry.Action.StartsWith(filter.Action)),
            _ => found.Where(entry => entry.Action == filter.Action),
        };
        return await found.OrderByDescending(static entry => entry.AuditId).Take(limit).ToListAsync(cancellation);
    }
}
