using Npgsql;
using Platform.Ledger.Reconciliation;
using Platform.Persistence;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>
/// Top-ups against Stripe's payments, from both sides: every payment of ours at Stripe is credited once, to its tenant, with its amount; and every credit
/// by Stripe has its payment there.
/// </summary>
internal sealed class PaymentCheck(StripeAccess stripe, ComparedTime compared, Database database)
{
    private const string Credits =
        """
        select e.tenant_id, substring(e.reference from 8), e.amount, e.entry_id from ledger_entries e
         where e.kind = 'credit' and e.at >= $1 and e.at < $2 and starts_with(e.reference, 'stripe:pi_')
         order by e.entry_id
        """;

    private const string Known =
        """
        select e.amount, u.tenant_id, u.amount, u.payment, c.tenant_id, t.billing
          from (select $1::text as payment, $2::uuid as top_up_id, $3::text as customer, $4::text as reference) p
          left join top_ups u on u.top_up_id = p.top_up_id
          left join ledger_entries e on e.tenant_id = u.tenant_id and e.reference = p.reference and e.kind = 'credit'
          left join stripe_customers c on c.customer = p.customer
          left join tenants t on t.tenant_id = c.tenant_id
        """;

    public async Task<List<Difference>> RunAsync(Period period, CancellationToken cancellation)
    {
        var part = compared.Of(period);
        var credits = await database.ReportAsync(Credits, ReadCredit, cancellation, part.From, part.To);
        var books = new Books(
            credits.ToLookup(static credit => credit.Payment, StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        var (found, seen) = (new List<Difference>(), new HashSet<string>(StringComparer.Ordinal));
        var list = new PaymentIntentListOptions { Created = ComparedTime.Created(part), Limit = 100 };
        await foreach (var payment in stripe.Client.V1.PaymentIntents.ListAutoPagingAsync(list, cancellationToken: cancellation))
        {
            seen.Add(payment.Id);
            if (payment.Status == "succeeded" && await JudgeAsync(payment, books, cancellation) is { } difference)
            {
                found.Add(difference);
            }
        }

        foreach (var credit in credits.Where(credit => !seen.Contains(credit.Payment)))
        {
            if (await JudgeAsync(credit, books, cancellation) is { } difference)
            {
                found.Add(difference);
            }
        }

        return found;
    }

    private async Task<Difference?> JudgeAsync(PaymentIntent payment, Books books, CancellationToken cancellation)
    {
        var mark = payment.Metadata?.GetValueOrDefault(Marks.TopUp);
        var known = (await database.ListAsync(
            Known, ReadKnown, cancellation,
            payment.Id, Guid.TryParse(mark, out var topUp) ? topUp : null, payment.CustomerId, Marks.ReferenceOf(payment.Id)))[0];
        if (mark is null)
        {
            // What is none of ours is none of our business, unless it was paid by a customer that pays for a prepaid tenant.
            return known is { CustomerTenant: { } tenant, Billing: "prepaid" }
                ? Of("paymentForeign", payment, tenant, ("a payment by a top-up", "a payment without one", Look(payment.Id)))
                : null;
        }

        if (known.TopUpTenant is not { } owner)
        {
            return Of("paymentForeign", payment, known.CustomerTenant, ("a top-up of this platform", "none of this id", Look(payment.Id)));
        }

        if (books.Credits[payment.Id].FirstOrDefault(credit => credit.TenantId != owner) is { } wrong)
        {
            return Of(
                "paymentWrongTenant", payment, wrong.TenantId,
                ($"a credit of tenant {owner}", $"one of tenant {wrong.TenantId}",
                    Adjust(wrong.TenantId, -wrong.Amount, "paymentWrongTenant", payment.Id)));
        }

        var first = known.Payment ?? (books.Paid.TryAdd(mark, payment.Id) ? payment.Id : books.Paid[mark]);
        return first == payment.Id
            ? JudgeCredit(payment, known, owner)
            : Of("paymentDoubled", payment, owner, ($"one payment of the top-up, {first}", "another one", $"refund {payment.Id} at Stripe"));
    }

    private static Difference? JudgeCredit(PaymentIntent payment, KnownPayment known, Guid owner)
    {
        var amount = Cents.ToMicroUsd(payment.AmountReceived);
        if (known.Credited is not { } credited)
        {
            return amount == known.TopUpAmount && payment.Currency == Cents.Currency
                ? Of("paymentNotCredited", payment, owner, ($"a credit of {amount} micro-USD", "none", $"payments follow --id {payment.Id}"))
                : Of("paymentAmount", payment, owner, ($"{known.TopUpAmount} micro-USD in usd", $"{amount} in {payment.Currency}", Look(payment.Id)));
        }

        return credited == amount
            ? null
            : Of(
                "paymentAmount", payment, owner,
                ($"a credit of {amount} micro-USD", $"one of {credited}", Adjust(owner, amount - credited, "paymentAmount", payment.Id)));
    }

    // A payment that lies outside of the period, or that Stripe does not have.
    private async Task<Difference?> JudgeAsync(Credit credit, Books books, CancellationToken cancellation)
    {
        try
        {
            var payment = await stripe.Client.V1.PaymentIntents.GetAsync(credit.Payment, cancellationToken: cancellation);
            return payment.Status == "succeeded"
                ? await JudgeAsync(payment, books, cancellation)
                : Missing(credit, $"a payment that is {payment.Status}");
        }
        catch (StripeException fault) when (StripeFault.IsMissing(fault))
        {
            return Missing(credit, "no payment of this id at Stripe");
        }
    }

    private static Difference Missing(Credit credit, string found) => new()
    {
        Kind = "creditWithoutPayment",
        TenantId = credit.TenantId,
        Key = credit.Payment,
        Subject = $"entry {credit.EntryId}, payment {credit.Payment}",
        Expected = $"a payment of {credit.Amount} micro-USD",
        Found = found,
        Repair = Adjust(credit.TenantId, -credit.Amount, "creditWithoutPayment", credit.Payment),
    };

    private static Difference Of(string kind, PaymentIntent payment, Guid? tenant, (string Expected, string Found, string Repair) texts) => new()
    {
        Kind = kind,
        TenantId = tenant,
        Key = payment.Id,
        Subject = $"payment {payment.Id}, top-up {payment.Metadata?.GetValueOrDefault(Marks.TopUp) ?? "none"}, customer {payment.CustomerId ?? "none"}",
        Expected = texts.Expected,
        Found = texts.Found,
        Repair = texts.Repair,
    };

    private static string Look(string payment) => $"look at {payment} at Stripe: refund it, or credit it by 'credits add'";

    /// <summary>The command that moves the money and, by its reference, marks the difference as dealt with.</summary>
    internal static string Adjust(Guid tenant, long microUsd, string kind, string key) =>
        $"credits adjust --tenant {tenant} --amount {microUsd / 1_000_000m:0.######} --reference {Difference.ReferenceOf(kind, key)} "
        + $"--reason \"Reconciliation: {kind}\"";

    private static Credit ReadCredit(NpgsqlDataReader row) => new(row.GetGuid(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3));

    private static KnownPayment ReadKnown(NpgsqlDataReader row) => new(
        row.Number(0), IdOf(row, 1), row.Number(2), row.Text(3), IdOf(row, 4), row.Text(5));

    private static Guid? IdOf(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    private sealed record Credit(Guid TenantId, string Payment, long Amount, long EntryId);

    /// <param name="Paid">Top-ups without a payment here, and the payment that was met first.</param>
    private sealed record Books(ILookup<string, Credit> Credits, Dictionary<string, string> Paid);

    private sealed record KnownPayment(
        long? Credited, Guid? TopUpTenant, long? TopUpAmount, string? Payment, Guid? CustomerTenant, string? Billing);
}
