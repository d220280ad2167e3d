using System.Runtime.CompilerServices;
using Platform.Persistence;

namespace Platform.Ledger.Reconciliation;

/// <summary>Whether the price book has, or a tenant has, the version of a price for a model. Given by the slice that knows prices.</summary>
internal delegate bool KnowsPriceVersion(string version, string model);

/// <summary>Every task of the period names a price that exists: of the price book, or set for its tenant.</summary>
internal sealed class PriceVersionCheck(Database database, KnowsPriceVersion knows) : IBookCheck
{
    private const string Statement =
        """
        select t.tenant_id, t.price_version, t.model, count(*), (array_agg(t.task_id order by t.task_id))[1],
               exists (select from price_overrides o where o.tenant_id = t.tenant_id and o.model = t.model and t.price_version = 'override:' || o.override_id)
          from tasks t
         where t.accepted_at >= $1 and t.accepted_at < $2
         group by t.tenant_id, t.price_version, t.model
         order by t.tenant_id, t.price_version, t.model
        """;

    public string Name => "price-versions";

    public string Question => "Does the price of each task stand in the price book, or among its tenant's own?";

    public async IAsyncEnumerable<Difference> FindAsync(Period period, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var command = database.Reports.CreateCommand(Statement);
        command.Add(period.From);
        command.Add(period.To);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
        {
            var (tenant, version, model) = (row.GetGuid(0), row.GetString(1), row.GetString(2));
            if (row.GetBoolean(5) || knows(version, model))
            {
                continue;
            }

            var key = $"{tenant}-{version}-{model}";
            yield return new Difference
            {
                Kind = "priceVersionUnknown",
                TenantId = tenant,
                Key = key,
                Subject = $"{row.GetInt64(3)} tasks of {model}, the first {row.GetGuid(4)}",
                Expected = "a price of the book or of the tenant",
                Found = version,
                Repair = $"audit note --tenant {tenant} --subject {Difference.ReferenceOf("priceVersionUnknown", key)} --text \"where this price came from\"",
            };
        }
    }
}
