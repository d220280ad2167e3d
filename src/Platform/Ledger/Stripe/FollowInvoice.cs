namespace Platform.Ledger.Stripe;

/// <summary>A postpaid tenant paid an invoice of its usage: its balance, which the usage took below zero, goes up by what was paid.</summary>
internal sealed class FollowInvoice(StripeAccess stripe, PayingCustomers customers, AddCredit credit)
{
    public async Task<Followed> RunAsync(string id, CancellationToken cancellation)
    {
        var invoice = await stripe.Client.V1.Invoices.GetAsync(id, cancellationToken: cancellation);
        if (invoice.CustomerId is null || await customers.FindByCustomerAsync(invoice.CustomerId, cancellation) is not { } customer)
        {
            return Followed.NotOurs;
        }

        if (invoice.Livemode != stripe.IsLive || invoice.Currency != Cents.Currency)
        {
            return new Followed(Followed.Refused, "The invoice is not in USD, or of the other mode.") { TenantId = customer.TenantId };
        }

        if (invoice.Status != "paid" || invoice.AmountPaid <= 0)
        {
            return new Followed(Followed.Done, $"The invoice is {invoice.Status}.") { TenantId = customer.TenantId };
        }

        var order = new CreditOrder(customer.TenantId, Cents.ToMicroUsd(invoice.AmountPaid), Marks.ReferenceOf(invoice.Id), "An invoice was paid");
        var booked = await credit.BookAsync(order, Marks.Actor, cancellation);
        return new Followed(Followed.Done, booked.IsNew ? "Credited." : "It was credited before.") { TenantId = customer.TenantId };
    }
}
