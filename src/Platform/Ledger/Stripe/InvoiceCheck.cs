using Platform.Ledger.Reconciliation;
using Platform.Persistence;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>Paid invoices of our customers at Stripe against what was credited for them.</summary>
internal sealed class InvoiceCheck(StripeAccess stripe, ComparedTime compared, PayingCustomers customers, Database database)
{
    private const string Credits =
        """
        select e.tenant_id, substring(e.reference from 8), e.amount, e.entry_id from ledger_entries e
         where e.kind = 'credit' and e.at >= $1 and e.at < $2 and starts_with(e.reference, 'stripe:in_') order by e.entry_id
        """;

    public async Task<List<Difference>> RunAsync(Period period, CancellationToken cancellation)
    {
        var found = new List<Difference>();
        var part = compared.Of(period);
        var list = new InvoiceListOptions { Created = ComparedTime.Created(part), Status = "paid", Limit = 100 };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var invoice in stripe.Client.V1.Invoices.ListAutoPagingAsync(list, cancellationToken: cancellation))
        {
            seen.Add(invoice.Id);
            if (await JudgeAsync(invoice, cancellation) is { } difference)
            {
                found.Add(difference);
            }
        }

        var credits = await database.ReportAsync(
            Credits, static row => (Tenant: row.GetGuid(0), Id: row.GetString(1), Amount: row.GetInt64(2), Entry: row.GetInt64(3)), cancellation,
            part.From, part.To);
        foreach (var credit in credits.Where(credit => !seen.Contains(credit.Id)))
        {
            if (!await IsPaidAsync(credit.Id, cancellation))
            {
                found.Add(new Difference
                {
                    Kind = "creditWithoutInvoice",
                    TenantId = credit.Tenant,
                    Key = credit.Id,
                    Subject = $"entry {credit.Entry}, invoice {credit.Id}",
                    Expected = "a paid invoice at Stripe",
                    Found = "none",
                    Repair = PaymentCheck.Adjust(credit.Tenant, -credit.Amount, "creditWithoutInvoice", credit.Id),
                });
            }
        }

        return found;
    }

    private async Task<Difference?> JudgeAsync(Invoice invoice, CancellationToken cancellation)
    {
        if (invoice.AmountPaid <= 0 || invoice.CustomerId is null
            || await customers.FindByCustomerAsync(invoice.CustomerId, cancellation) is not { } customer)
        {
            return null;
        }

        var amount = Cents.ToMicroUsd(invoice.AmountPaid);
        var credited = (await database.ListAsync(
            "select amount from ledger_entries where tenant_id = $1 and reference = $2", static row => row.GetInt64(0), cancellation,
            customer.TenantId, Marks.ReferenceOf(invoice.Id))).Sum();
        return credited == amount
            ? null
            : new Difference
            {
                Kind = credited == 0 ? "invoiceNotCredited" : "invoiceAmount",
                TenantId = customer.TenantId,
                Key = invoice.Id,
                Subject = $"invoice {invoice.Id}, customer {invoice.CustomerId}",
                Expected = $"a credit of {amount} micro-USD",
                Found = credited == 0 ? "none" : $"one of {credited}",
                Repair = credited == 0
                    ? $"payments follow --id {invoice.Id}"
                    : PaymentCheck.Adjust(customer.TenantId, amount - credited, "invoiceAmount", invoice.Id),
            };
    }

    private async Task<bool> IsPaidAsync(string id, CancellationToken cancellation)
    {
        try
        {
            return (await stripe.Client.V1.Invoices.GetAsync(id, cancellationToken: cancellation)).Status == "paid";
        }
        catch (StripeException fault) when (StripeFault.IsMissing(fault))
        {
            return false;
        }
    }
}
