using System.Collections.Concurrent;
using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>
/// The secrets that sign for a tenant, newest first: one, and the one before it for a day after each rotation. None once the tenant's data are
/// to be erased. What the database said is believed for five seconds.
/// </summary>
internal sealed class WebhookSecrets(Database database, TimeProvider time)
{
    private const int LargestMemory = 10_000;
    private const string Active =
        """
        select secret from webhook_secrets
         where tenant_id = $1 and (signs_until is null or signs_until > now())
         order by created_at desc
        """;

    private const string First =
        """
        insert into webhook_secrets (tenant_id, secret, created_at)
        select tenant_id, $2, now() from tenants where tenant_id = $1 and erasure_asked_at is null for share
        on conflict (tenant_id) where signs_until is null do nothing
        """;

    private static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Guid, Known> _known = new();

    public async Task<IReadOnlyList<string>> OfTenantAsync(Guid tenantId)
    {
        if (_known.Count > LargestMemory)
        {
            _known.Clear();
        }

        var known = _known.AddOrUpdate(
            tenantId,
            Ask,
            (id, earlier) => time.GetElapsedTime(earlier.At) < BelievedFor ? earlier : Ask(id));
        try
        {
            return await known.Secrets.Value;
        }
        catch
        {
            _known.TryRemove(KeyValuePair.Create(tenantId, known));
            throw;
        }
    }

    private Known Ask(Guid tenantId) => new(time.GetTimestamp(), new Lazy<Task<IReadOnlyList<string>>>(() => ReadOrMakeAsync(tenantId)));

    // A tenant from before there were secrets gets its first one here. The lock makes an erasure wait for this, or this for it.
    private async Task<IReadOnlyList<string>> ReadOrMakeAsync(Guid tenantId)
    {
        var secrets = await ReadAsync(tenantId);
        if (secrets.Count > 0)
        {
            return secrets;
        }

        await using (var command = database.Durable.CreateCommand(First))
        {
            command.Add(tenantId);
            command.Add(WebhookSignature.NewSecret());
            await command.ExecuteNonQueryAsync();
        }

        return await ReadAsync(tenantId);
    }

    private async Task<List<string>> ReadAsync(Guid tenantId)
    {
        await using var command = database.Durable.CreateCommand(Active);
        command.Add(tenantId);
        await using var row = await command.ExecuteReaderAsync();
        var secrets = new List<string>();
        while (await row.ReadAsync())
        {
            secrets.Add(row.GetString(0));
        }

        return secrets;
    }

    private sealed record Known(long At, Lazy<Task<IReadOnlyList<string>>> Secrets);
}
