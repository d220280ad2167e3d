using Microsoft.EntityFrameworkCore;
using Platform.Persistence;

namespace Platform.Tenants;

/// <summary>What a new tenant begins with.</summary>
internal sealed record TenantDraft(string Name)
{
    public string Billing { get; init; } = Tenant.Prepaid;

    /// <summary>Micro-USD that a postpaid tenant's balance may be below zero.</summary>
    public long CreditLimit { get; init; }

    public int Weight { get; init; } = 1;

    public TenantLimits Limits { get; init; } = TenantLimits.Default;
}

/// <summary>What a new key begins with.</summary>
/// <param name="Environment">A word in the key, such as <c>live</c>.</param>
internal sealed record KeyDraft(Guid TenantId, string Environment, string? Name, DateTimeOffset? ExpiresAt);

/// <summary>Makes tenants and keys: the one code behind the command line, the operator surface and the demo tenant.</summary>
internal sealed class RegisterTenants(IDbContextFactory<PlatformDb> databases, TimeProvider time)
{
    /// <summary>Who acts where no operator does.</summary>
    public const string Itself = "platform";

    /// <summary>A new prepaid tenant with an empty account.</summary>
    public async Task<Tenant> CreateTenantAsync(string name, int weight, CancellationToken cancellation) =>
        (await CreateTenantAsync(new TenantDraft(name) { Weight = weight }, Itself, cancellation)).Tenant;

    /// <summary>A new tenant with an empty account and a secret for its webhooks.</summary>
    public async Task<(Tenant Tenant, string WebhookSecret)> CreateTenantAsync(
        TenantDraft draft, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        var tenant = new Tenant
        {
            TenantId = Guid.CreateVersion7(time.GetUtcNow()),
            Name = draft.Name,
            Billing = draft.Billing,
            Weight = draft.Weight,
            RequestsPerSecond = draft.Limits.RequestsPerSecond,
            Burst = draft.Limits.Burst,
            MaxRunning = draft.Limits.MaxRunning,
            MaxQueued = draft.Limits.MaxQueued,
            CreatedAt = time.GetUtcNow(),
        };
        var secret = WebhookSecret.Make(tenant.TenantId, time.GetUtcNow());
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);
        database.Add(tenant);
        await database.SaveChangesAsync(cancellation);
        await database.Database.ExecuteSqlAsync(
            $"insert into accounts (tenant_id, credit_limit) values ({tenant.TenantId}, {draft.CreditLimit})", cancellation);
        await database.Database.ExecuteSqlAsync($"insert into usage_progress (tenant_id) values ({tenant.TenantId})", cancellation);
        database.Add(secret);
        database.Add(new AuditEntry
        {
            At = time.GetUtcNow(),
            Actor = actor,
            Action = "tenant.create",
            TenantId = tenant.TenantId,
            After = AuditEntry.Fields(new { draft.Name, draft.Billing, draft.CreditLimit, draft.Weight, draft.Limits }),
        });
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (tenant, secret.Secret);
    }

    /// <summary>A new key. Its text is in the answer and nowhere else.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    /// <exception cref="TenantErasedException">Its data are erased or being erased.</exception>
    public Task<(ApiKey Key, string Text)> CreateKeyAsync(
        Guid tenantId, string environment, string? name, CancellationToken cancellation) =>
        CreateKeyAsync(new KeyDraft(tenantId, environment, name, null), Itself, cancellation);

    /// <inheritdoc cref="CreateKeyAsync(Guid, string, string?, CancellationToken)"/>
    public async Task<(ApiKey Key, string Text)> CreateKeyAsync(KeyDraft draft, string actor, CancellationToken cancellation)
    {
        await using var database = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await database.Database.BeginTransactionAsync(cancellation);

        // Shared with other keys, and not with an erasure: that one sees this key, or this one sees it.
        var tenant = await database.Set<Tenant>().FromSql($"select * from tenants where tenant_id = {draft.TenantId} for share")
            .AsNoTracking().SingleOrDefaultAsync(cancellation) ?? throw new KeyNotFoundException($"There is no tenant {draft.TenantId}.");
        if (tenant.ErasureAskedAt is not null)
        {
            throw new TenantErasedException(draft.TenantId);
        }

        var text = KeyText.Make(draft.Environment);
        var key = new ApiKey
        {
            KeyId = Guid.CreateVersion7(time.GetUtcNow()),
            TenantId = draft.TenantId,
            Name = draft.Name,
            KeyHash = KeyText.HashOf(text),
            Prefix = KeyText.PrefixOf(text),
            CreatedAt = time.GetUtcNow(),
            ExpiresAt = draft.ExpiresAt,
        };
        database.Add(key);
        database.Add(new AuditEntry
        {
            At = time.GetUtcNow(),
            Actor = actor,
            Action = "key.create",
            TenantId = draft.TenantId,
            Subject = key.Prefix,
            After = AuditEntry.Fields(new { key.KeyId, key.Name, key.ExpiresAt }),
        });
        await database.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (key, text);
    }

    /// <summary>The tenant that a key's text belongs to, or null; for a start that finds an earlier start's key.</summary>
    public async Task<Guid?> FindOwnerAsync(string text, CancellationToken cancellation)
    {
        var hash = KeyText.HashOf(text);
        await using var database = await databases.CreateDbContextAsync(cancellation);
        return await database.Set<ApiKey>().Where(key => key.KeyHash == hash && key.RevokedAt == null)
            .Select(static key => (Guid?)key.TenantId).SingleOrDefaultAsync(cancellation);
    }
}
