using Npgsql;
using Platform.Ledger.Reconciliation;
using Platform.Persistence;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>Refunds and disputes at Stripe against what we took back. What a tenant owes of it is no difference: it is written down.</summary>
internal sealed class ReversalCheck(StripeAccess stripe, ComparedTime compared, Database database)
{
    private const string Own =
        """
        select u.tenant_id, r.due, r.taken,
               (select coalesce(sum(case e.kind when 'debit' then e.amount else -e.amount end), 0)::bigint from ledger_entries e
                 where e.tenant_id = r.tenant_id and (e.reference = $3 or starts_with(e.reference, $3 || '#')))
          from top_ups u left join stripe_reversals r on r.reversal = $2
         where u.payment = $1
        """;

    private const string Ours =
        """
        select r.reversal, r.kind, r.tenant_id, r.due from stripe_reversals r where r.created_at >= $1 and r.created_at < $2
        """;

    public async Task<List<Difference>> RunAsync(Period period, CancellationToken cancellation)
    {
        var (found, seen) = (new List<Difference>(), new HashSet<string>(StringComparer.Ordinal));
        var part = compared.Of(period);
        var refunds = new RefundListOptions { Created = ComparedTime.Created(part), Limit = 100 };
        await foreach (var refund in stripe.Client.V1.Refunds.ListAutoPagingAsync(refunds, cancellationToken: cancellation))
        {
            seen.Add(refund.Id);
            Add(found, await JudgeAsync(FollowReversal.Of(refund), cancellation));
        }

        var disputes = new DisputeListOptions { Created = ComparedTime.Created(part), Limit = 100 };
        await foreach (var dispute in stripe.Client.V1.Disputes.ListAutoPagingAsync(disputes, cancellationToken: cancellation))
        {
            seen.Add(dispute.Id);
            Add(found, await JudgeAsync(FollowReversal.Of(dispute), cancellation));
        }

        foreach (var ours in await database.ReportAsync(Ours, ReadOurs, cancellation, part.From, part.To))
        {
            if (!seen.Contains(ours.Id))
            {
                found.Add(Unknown(ours));
            }
        }

        return found;
    }

    private async Task<Difference?> JudgeAsync(Reversal reversal, CancellationToken cancellation)
    {
        if (reversal.Payment is null)
        {
            return null;
        }

        var own = (await database.ListAsync(
            Own, static row => (Tenant: row.GetGuid(0), Due: row.Number(1), Taken: row.Number(2), Booked: row.GetInt64(3)), cancellation,
            reversal.Payment, reversal.Id, Marks.ReferenceOf(reversal.Id))).Select(static one => ((Guid, long?, long?, long)?)one).FirstOrDefault();
        if (own is not var (tenant, due, taken, booked))
        {
            return null;
        }

        if (due is null && reversal.Due > 0)
        {
            return Of($"{reversal.Kind}NotReversed", reversal, tenant, ($"{reversal.Due} micro-USD taken back", "nothing"));
        }

        if (due is not null && due != reversal.Due)
        {
            return Of($"{reversal.Kind}Amount", reversal, tenant, ($"{reversal.Due} micro-USD to take back", $"{due}"));
        }

        return taken is not null && taken != booked
            ? Of($"{reversal.Kind}BookedWrong", reversal, tenant, ($"entries of {taken} micro-USD", $"entries of {booked}"))
            : null;
    }

    private static void Add(List<Difference> found, Difference? difference)
    {
        if (difference is not null)
        {
            found.Add(difference);
        }
    }

    private static Difference Of(string kind, Reversal reversal, Guid tenant, (string Expected, string Found) texts) => new()
    {
        Kind = kind,
        TenantId = tenant,
        Key = reversal.Id,
        Subject = $"{reversal.Kind} {reversal.Id} of payment {reversal.Payment}",
        Expected = texts.Expected,
        Found = texts.Found,
        Repair = $"payments follow --id {reversal.Id}",
    };

    private static Difference Unknown((string Id, string Kind, Guid Tenant, long Due) ours) => new()
    {
        Kind = "reversalUnknown",
        TenantId = ours.Tenant,
        Key = ours.Id,
        Subject = $"{ours.Kind} {ours.Id}",
        Expected = $"a {ours.Kind} at Stripe",
        Found = "none of this id",
        Repair = PaymentCheck.Adjust(ours.Tenant, ours.Due, "reversalUnknown", ours.Id),
    };

    private static (string Id, string Kind, Guid Tenant, long Due) ReadOurs(NpgsqlDataReader row) =>
        (row.GetString(0), row.GetString(1), row.GetGuid(2), row.GetInt64(3));
}
