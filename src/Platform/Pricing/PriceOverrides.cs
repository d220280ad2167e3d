using System.Collections.Frozen;
using Newtonsoft.Json.Linq;
using Npgsql;
using Platform.Persistence;

namespace Platform.Pricing;

/// <summary>A tenant's own price of a model, from an instant on.</summary>
/// <param name="Price">Null where the price book's holds again.</param>
internal sealed record PriceOverride(long OverrideId, Guid TenantId, string Model, DateTimeOffset InForceAt, ModelPrice? Price, string? PriceJson)
{
    /// <summary>What a task that it priced carries as its price version.</summary>
    public string Version => $"override:{OverrideId}";
}

/// <summary>
/// The prices of single tenants as they were read a moment ago, all of them, so that pricing a task asks nobody. A node that cannot read them goes on
/// with those it has.
/// </summary>
internal sealed class PriceOverrides(Database database)
{
    private volatile FrozenDictionary<(Guid, string), PriceOverride[]> _known = FrozenDictionary<(Guid, string), PriceOverride[]>.Empty;

    /// <summary>The tenant's own price as of an instant; null where the book's holds.</summary>
    public PriceLine? Find(Guid tenantId, string model, DateTimeOffset at) =>
        _known.Count > 0 && _known.TryGetValue((tenantId, model), out var own)
        && Array.FindLast(own, one => one.InForceAt <= at) is { Price: { } price } found
            ? new PriceLine(found.Version, price)
            : null;

    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var all = await ReadAsync(null, cancellation);
        _known = all.GroupBy(static one => (one.TenantId, one.Model)).ToFrozenDictionary(static own => own.Key, static own => own.ToArray());
    }

    /// <summary>All that were ever set for a tenant, in the order in which they come into force.</summary>
    public Task<List<PriceOverride>> ListForTenantAsync(Guid tenantId, CancellationToken cancellation) => ReadAsync(tenantId, cancellation);

    private async Task<List<PriceOverride>> ReadAsync(Guid? tenantId, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(
            """
            select override_id, tenant_id, model, in_force_at, price::text
              from price_overrides where $1::uuid is null or tenant_id = $1
             order by tenant_id, model, in_force_at, override_id
            """);
        command.Add(tenantId);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var all = new List<PriceOverride>();
        while (await row.ReadAsync(cancellation))
        {
            all.Add(Read(row));
        }

        return all;
    }

    private static PriceOverride Read(NpgsqlDataReader row)
    {
        var json = row.IsDBNull(4) ? null : row.GetString(4);
        var price = json is null ? null : new PriceBookReader(allowsFree: true).ReadPrice(JObject.Parse(json), "price", PriceUnit.Character);
        return new PriceOverride(row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), price, json);
    }
}

/// <summary>Sets a tenant's own price, or the book's again. Tasks that were accepted keep theirs.</summary>
internal sealed class SetPrice(Database database)
{
    // What held before is what the audit log shows as such; the lock makes two operators at once show each other.
    private const string Statement =
        """
        with tenant as materialized (
            select tenant_id from tenants where tenant_id = $1 for update
        ),
        before as (
            select price from price_overrides where tenant_id = $1 and model = $2 and in_force_at <= $3
             order by in_force_at desc, override_id desc limit 1
        ),
        setting as (
            insert into price_overrides (tenant_id, model, in_force_at, price, actor)
            select tenant_id, $2, $3, $4::text::jsonb, $5 from tenant
            returning override_id, price
        ),
        auditing as (
            insert into audit_log (actor, action, tenant_id, subject, before, after)
            select $5, 'price.set', $1, $2, jsonb_build_object('price', (select price from before)),
                   jsonb_build_object('price', price, 'inForceAt', $3, 'version', 'override:' || override_id)
              from setting
        )
        select override_id from setting
        """;

    /// <summary>The new price's id.</summary>
    /// <param name="price">Of the same shape as in the price book; null for the book's own.</param>
    /// <exception cref="KeyNotFoundException">There is no such tenant.</exception>
    public async Task<long> RunAsync(PriceOrder order, string? price, string actor, CancellationToken cancellation)
    {
        await using var command = database.Durable.CreateCommand(Statement);
        command.Add(order.TenantId);
        command.Add(order.Model);
        command.Add(order.InForceAt);
        command.Add(price);
        command.Add(actor);
        return await command.ExecuteScalarAsync(cancellation) is long id ? id : throw new KeyNotFoundException($"There is no tenant {order.TenantId}.");
    }
}

/// <summary>Whose price of which model changes when.</summary>
internal sealed record PriceOrder(Guid TenantId, string Model, DateTimeOffset InForceAt);
