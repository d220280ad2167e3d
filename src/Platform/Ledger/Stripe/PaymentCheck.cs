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
        select e.tenant_id, substring(e.reference from 8), e.amount, e.entry_id, u.top_up_id
          from ledger_entries e left join top_ups u on u.payment = substring(e.reference from 8)
         where e.kind = 'credit' and e.at >= $1 and e.at < $2 and starts_with(e.reference, 'stripe:pi_')
         order by e.entry_id
        """;

    private const string Known =
        """
        select e.tenant_id, e.amount, u.tenant_id, u.amount, u.payment, c.tenant_id, t.billing
          from (select $1::text as payment, $2::uuid as top_up_id, $3::text as customer, $4::text as reference) p
          left join ledger_entries e on e.reference = p.reference and e.kind = 'credit'
          left join top_ups u on u.top_up_id = p.top_up_id
          left join stripe_customers c on c.customer = p.customer
          left join tenants t on t.tenant_id = c.tenant_id
        """;

    public async Task<List<Difference>> RunAsync(Period period, CancellationToken cancellation)
    {
        var (found, seen, paid) = (new List<Difference>(), new HashSet<string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        var part = compared.Of(period);
        var list = new PaymentIntentListOptions { Created = ComparedTime.Created(part), Limit = 100 };
        await foreach (var payment in stripe.Client.V1.PaymentIntents.ListAutoPagingAsync(list, cancellationToken: cancellation))
        {
            seen.Add(payment.Id);
            if (payment.Status == "succeeded" && await JudgeAsync(payment, paid, cancellation) is { } difference)
            {
                found.Add(difference);
            }
        }

        foreach (var credit in await database.ListAsync(Credits, ReadCredit, cancellation, part.From, part.To))
        {
            if (!seen.Contains(credit.Payment) && await JudgeAsync(credit, paid, cancellation) is { } difference)
            {
                found.Add(difference);
            }
        }

        return found;
    }

    private async Task<Difference?> JudgeAsync(PaymentIntent payment, Dictionary<string, string> paid, CancellationToken cancellation)
    {
        var mark = payment.Metadata?.GetValueOrDefault(Marks.TopUp);
        var known = (await database.ListAsync(
            Known, ReadKnown, cancellation,
            payment.Id, Guid.TryParse(mark, out var topUp) ? topUp : null, payment.CustomerId, Marks.ReferenceOf(payment.Id)))[0];
        var amount = Cents.ToMicroUsd(payment.AmountReceived);
        if (mark is null)
        {
            // What is none of ours is none of our business, unless it was paid by a customer that pays for a prepaid tenant.
            return known is { CustomerTenant: { } tenant, Billing: "prepaid", Credited: null }
                ? Of("paymentForeign", payment, tenant, ("a payment by a top-up", "a payment without one", Look(payment.Id)))
                : null;
        }

        if (known.TopUpTenant is not { } owner)
        {
            return Of("paymentForeign", payment, known.CustomerTenant, ("a top-up of this platform", "none of this id", Look(payment.Id)));
        }

        if (!paid.TryAdd(mark, payment.Id) || (known.Payment is { } other && other != payment.Id))
        {
            var first = known.Payment is { } paidFirst && paidFirst != payment.Id ? paidFirst : paid[mark];
            return Of("paymentDoubled", payment, owner, ($"one payment of the top-up, {first}", "another one", $"refund {payment.Id} at Stripe"));
        }

        return known.Credited is not { } credited
            ? amount == known.TopUpAmount && payment.Currency == Cents.Currency
                ? Of("paymentNotCredited", payment, owner, ($"a credit of {amount} micro-USD", "none", $"payments follow --id {payment.Id}"))
                : Of("paymentAmount", payment, owner, ($"{known.TopUpAmount} micro-USD in usd", $"{amount} in {payment.Currency}", Look(payment.Id)))
            : JudgeCredit(payment, owner, credited, known.CreditedTo!.Value, amount);
    }

    private static Difference? JudgeCredit(PaymentIntent payment, Guid owner, long credited, Guid to, long amount)
    {
        if (to != owner)
        {
            return Of(
                "paymentWrongTenant", payment, to,
                ($"a credit of tenant {owner}", $"one of tenant {to}", Adjust(to, -credited, "paymentWrongTenant", payment.Id)));
        }

        return credited == amount
            ? null
            : Of(
                "paymentAmount", payment, owner,
                ($"a credit of {amount} micro-USD", $"one of {credited}", Adjust(owner, amount - credited, "paymentAmount", payment.Id)));
    }

    // A payment that lies outside of the period, or that Stripe does not have.
    private async Task<Difference?> JudgeAsync(Credit credit, Dictionary<string, string> paid, CancellationToken cancellation)
    {
        try
        {
            var payment = await stripe.Client.V1.PaymentIntents.GetAsync(credit.Payment, cancellationToken: cancellation);
            return payment.Status == "succeeded"
                ? await JudgeAsync(payment, paid, cancellation)
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
        IdOf(row, 0), row.Number(1), IdOf(row, 2), row.Number(3), row.Text(4), IdOf(row, 5), row.Text(6));

    private static Guid? IdOf(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetGuid(column);

    private sealed record Credit(Guid TenantId, string Payment, long Amount, long EntryId);

    private sealed record KnownPayment(
        Guid? CreditedTo, long? Credited, Guid? TopUpTenant, long? TopUpAmount, string? Payment, Guid? CustomerTenant, string? Billing);
}
