using System.Globalization;
using Platform.Ledger;

namespace Platform.Api.Lists;

/// <summary><c>from</c>, <c>to</c>, <c>cursor</c> and <c>limit</c> of a ledger, for operators and tenants alike.</summary>
internal sealed record LedgerQuery(Period Period, long? Before, int Limit)
{
    private const string List = "ledger";

    public static LedgerQuery Read(IQueryCollection query, out IReadOnlyList<FieldFault> faults)
    {
        var fields = new QueryFields(query);
        var read = new LedgerQuery(fields.Period(), fields.Cursor<long>(List), fields.Limit());
        faults = fields.Faults;
        return read;
    }

    public async Task<Page<LedgerEntry>> RunAsync(ReadLedger ledger, Guid tenantId, CancellationToken cancellation)
    {
        var entries = await ledger.ListForTenantAsync(tenantId, Period, Before, Limit + 1, cancellation);
        return Page.Of(entries, Limit, List, static entry => entry, static entry => entry.EntryId.ToString(CultureInfo.InvariantCulture));
    }
}
