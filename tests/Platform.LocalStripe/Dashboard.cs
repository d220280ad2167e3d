using System.Text.Json.Nodes;

namespace Platform.LocalStripe;

/// <summary>What customers and people at Stripe's dashboard do. Each act makes the events that Stripe would send.</summary>
internal sealed class Dashboard(Account account, Api api)
{
    /// <summary>Pays a session; answers the payment's id. The card is kept where the session asked for it.</summary>
    public string Pay(string session, string paymentStatus = "paid")
    {
        lock (account.Gate)
        {
            var paid = account.Find(session)!;
            var payment = api.AddPayment(
                (long)paid["amount_total"]!, (string)paid["currency"]!, (string?)paid["customer"], paid["metadata"]!.DeepClone().AsObject());
            paid["payment_intent"] = payment["id"]!.DeepClone();
            paid["status"] = "complete";
            if ((bool)paid["payment_method_options"]!["saves"]!)
            {
                account.SetCard((string)paid["customer"]!, "ok");
            }

            if (paymentStatus == "paid")
            {
                paid["payment_status"] = "paid";
                api.Succeed(payment);
            }
            else
            {
                payment["status"] = "processing";
            }

            account.Tell("checkout.session.completed", paid);
            return (string)payment["id"]!;
        }
    }

    /// <summary>A payment that took days arrives, or does not.</summary>
    public void Finish(string session, bool succeeds)
    {
        lock (account.Gate)
        {
            var paid = account.Find(session)!;
            var payment = account.Find((string)paid["payment_intent"]!)!;
            if (succeeds)
            {
                paid["payment_status"] = "paid";
                api.Succeed(payment);
                account.Tell("checkout.session.async_payment_succeeded", paid);
            }
            else
            {
                payment["status"] = "requires_payment_method";
                account.Tell("payment_intent.payment_failed", payment);
                account.Tell("checkout.session.async_payment_failed", paid);
            }
        }
    }

    public void Expire(string session)
    {
        lock (account.Gate)
        {
            var expired = account.Find(session)!;
            expired["status"] = "expired";
            account.Tell("checkout.session.expired", expired);
        }
    }

    /// <summary>A payment that the platform did not ask for; answers its id.</summary>
    public string PayOtherwise(long cents, string? customer, string currency = "usd", string? topUp = null)
    {
        lock (account.Gate)
        {
            var marks = topUp is null ? new JsonObject() : new JsonObject { ["platform_top_up"] = topUp };
            var payment = api.AddPayment(cents, currency, customer, marks);
            api.Succeed(payment);
            return (string)payment["id"]!;
        }
    }

    /// <summary>Gives money back; answers the refund's id.</summary>
    public string Refund(string payment, long cents, string status = "succeeded")
    {
        lock (account.Gate)
        {
            var refund = account.Add(
                "refund", ("id", account.NewId("re")), ("amount", cents), ("payment_intent", payment), ("charge", ChargeOf(payment)), ("status", status));
            account.Tell("refund.created", refund);
            return (string)refund["id"]!;
        }
    }

    /// <summary>A bank takes a payment back; answers the dispute's id.</summary>
    public string Dispute(string payment, long cents, string status = "needs_response")
    {
        lock (account.Gate)
        {
            var dispute = account.Add(
                "dispute", ("id", account.NewId("dp")), ("amount", cents), ("payment_intent", payment), ("charge", ChargeOf(payment)), ("status", status));
            account.Tell("charge.dispute.created", dispute);
            return (string)dispute["id"]!;
        }
    }

    /// <summary>A refund or a dispute goes on.</summary>
    public void Move(string id, string status)
    {
        lock (account.Gate)
        {
            var moved = account.Find(id)!;
            moved["status"] = status;
            account.Tell((string)moved["object"]! == "refund" ? "refund.updated" : "charge.dispute.updated", moved);
        }
    }

    /// <summary>A customer pays an invoice; answers its id.</summary>
    public string PayInvoice(string customer, long cents)
    {
        lock (account.Gate)
        {
            var invoice = account.Add(
                "invoice", ("id", account.NewId("in")), ("customer", customer), ("amount_paid", cents), ("amount_due", cents), ("total", cents),
                ("currency", "usd"), ("status", "paid"));
            account.Tell("invoice.paid", invoice);
            return (string)invoice["id"]!;
        }
    }

    /// <summary>Stripe looks at usage later and cannot use it: it does not count, and a report says so.</summary>
    public void RejectUsage(string identifier, string code)
    {
        lock (account.Gate)
        {
            account.Meter.Events.RemoveAll(one => one.Identifier == identifier);
            account.TellThin("v1.billing.meter.error_report_triggered", JsonNode.Parse(
                $$$"""
                {"developer_message_summary":"There is 1 invalid event","validation_start":"2026-11-01T00:00:00Z","validation_end":"2026-11-01T00:01:00Z",
                 "reason":{"error_count":1,"error_types":[{"code":"{{{code}}}","error_count":1,"sample_errors":[
                   {"error_message":"Invalid.","request":{"identifier":"{{{identifier}}}"}}]}]}}
                """)!);
        }
    }

    /// <summary>Changes an object behind everybody's back: no event.</summary>
    public void Change(string id, string field, JsonNode? value)
    {
        lock (account.Gate)
        {
            account.Find(id)![field] = value;
        }
    }

    public void Forget(string id)
    {
        lock (account.Gate)
        {
            account.Remove(id);
        }
    }

    private string? ChargeOf(string payment) => (string?)account.Find(payment)?["latest_charge"];
}
