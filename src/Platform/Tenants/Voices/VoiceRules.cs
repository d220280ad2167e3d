using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Tenants.Voices;

/// <summary>A tenant's row of rules; null is the platform's default.</summary>
internal sealed class VoiceRuleRow : IEntityTypeConfiguration<VoiceRuleRow>
{
    public Guid TenantId { get; init; }

    public bool? RequireConsent { get; set; }

    public bool? MarkAudio { get; set; }

    public void Configure(EntityTypeBuilder<VoiceRuleRow> builder) => builder.ToTable("voice_rules").HasKey(row => row.TenantId);
}

/// <summary>What holds for a tenant.</summary>
/// <param name="RequireConsent">Whether a recording or a cloned voice needs a consent that is in force.</param>
/// <param name="MarkAudio">Whether results say in their metadata that a machine made them.</param>
internal sealed record VoiceRule(bool RequireConsent, bool MarkAudio);

/// <summary>Reads and sets the rules of tenants. What was read is believed for three seconds, as a key is.</summary>
internal sealed class VoiceRules(IDbContextFactory<PlatformDb> databases, IOptions<VoiceOptions> options, TimeProvider time)
{
    private static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(3);

    /// <summary>Bounds the memory that many tenants could fill.</summary>
    private const int MostRemembered = 100_000;

    private readonly ConcurrentDictionary<Guid, (VoiceRule Rule, long At)> _known = new();

    public async ValueTask<VoiceRule> FindAsync(Guid tenantId, CancellationToken cancellation)
    {
        if (_known.TryGetValue(tenantId, out var known) && time.GetElapsedTime(known.At) < BelievedFor)
        {
            return known.Rule;
        }

        var asked = time.GetTimestamp();
        var row = await ReadAsync(tenantId, cancellation);
        var rule = new VoiceRule(row?.RequireConsent ?? options.Value.RequireConsent, row?.MarkAudio ?? options.Value.MarkAudio);
        if (_known.Count >= MostRemembered)
        {
            _known.Clear();
        }

        _known[tenantId] = (rule, asked);
        return rule;
    }

    /// <summary>The row as it is; null where nothing was ever set for the tenant.</summary>
    public async Task<VoiceRuleRow?> ReadAsync(Guid tenantId, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<VoiceRuleRow>().AsNoTracking().SingleOrDefaultAsync(row => row.TenantId == tenantId, cancellation);
    }

    /// <summary>False when there is no such tenant.</summary>
    /// <param name="change">Given the row that holds, sets what shall hold.</param>
    public async Task<bool> SetAsync(Guid tenantId, Action<VoiceRuleRow> change, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        if (await database.Database.ExecuteSqlAsync($"update tenants set name = name where tenant_id = {tenantId}", cancellation) == 0)
        {
            return false;
        }

        var row = await database.Set<VoiceRuleRow>().SingleOrDefaultAsync(one => one.TenantId == tenantId, cancellation);
        var before = row is null ? null : AuditEntry.Fields(new { row.RequireConsent, row.MarkAudio });
        if (row is null)
        {
            row = new VoiceRuleRow { TenantId = tenantId };
            database.Add(row);
        }

        change(row);
        database.Add(new AuditEntry
        {
            At = time.GetUtcNow(),
            Actor = actor,
            Action = "voiceRules.change",
            TenantId = tenantId,
            Before = before,
            After = AuditEntry.Fields(new { row.RequireConsent, row.MarkAudio }),
        });
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        _known.TryRemove(tenantId, out _);
        return true;
    }
}
