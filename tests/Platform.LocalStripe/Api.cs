using System.Text.Json.Nodes;

namespace Platform.LocalStripe;

/// <summary>What each address does. Parameters were checked against the address's shape before.</summary>
internal sealed class Api(Account account)
{
    public ApiAnswer Run(string method, string path, string? id, Form form) => (method, path) switch
    {
        ("POST", "/v1/customers") => ApiAnswer.Of(MakeCustomer(form)),
        ("POST", "/v1/checkout/sessions") => MakeSession(form),
        ("POST", "/v1/payment_intents") => MakePayment(form),
        ("POST", "/v1/billing/meter_events") => account.Meter.Take(form, account),
        ("POST", "/v1/billing/meter_event_adjustments") => account.Meter.Cancel(form, account),
        ("GET", "/v1/payment_intents") => ApiAnswer.Page(path, account.List("payment_intent", form), form),
        ("GET", "/v1/refunds") => ApiAnswer.Page(path, account.List("refund", form), form),
        ("GET", "/v1/disputes") => ApiAnswer.Page(path, account.List("dispute", form), form),
        ("GET", "/v1/invoices") => ApiAnswer.Page(path, account.List("invoice", form), form),
        ("GET", "/v1/billing/meters") => ApiAnswer.Page(path, [Usage.Meter()], form),
        ("GET", _) when path.EndsWith("/event_summaries", StringComparison.Ordinal) => account.Meter.Sum(form, path),
        ("GET", _) when path.EndsWith("/payment_methods", StringComparison.Ordinal) => Cards(id!, path, form),
        ("GET", _) when path.StartsWith("/v2/core/events/", StringComparison.Ordinal) => Show(account.FindThin(id!), id!),
        _ => Show(account.Find(id!), id!),
    };

    private static ApiAnswer Show(JsonObject? found, string id) => found is null ? ApiAnswer.Missing($"object: '{id}'") : ApiAnswer.Of(found);

    private JsonObject MakeCustomer(Form form) => account.Add(
        "customer", ("id", account.NewId("cus")), ("name", form.Text("name")), ("metadata", MapOf(form, "metadata")), ("discount", null));

    private ApiAnswer MakeSession(Form form)
    {
        var (amount, currency) = (form.Number("line_items[0][price_data][unit_amount]"), form.Text("line_items[0][price_data][currency]"));
        if (amount is not (> 0 and <= 99_999_999) || form.Text("mode") != "payment")
        {
            return ApiAnswer.Invalid("Invalid positive integer", "parameter_invalid_integer");
        }

        if (form.Text("customer") is { } customer && account.Find(customer) is null)
        {
            return ApiAnswer.Invalid($"No such customer: '{customer}'", "resource_missing");
        }

        var id = account.NewId("cs_test");
        // The marks of the payment are the session's until somebody pays.
        return ApiAnswer.Of(account.Add(
            "checkout.session", ("id", id), ("amount_subtotal", amount), ("amount_total", amount), ("currency", currency),
            ("customer", form.Text("customer")), ("client_reference_id", form.Text("client_reference_id")),
            ("metadata", MapOf(form, "payment_intent_data[metadata]")), ("payment_intent", null), ("status", "open"), ("payment_status", "unpaid"),
            ("url", $"{PayPath}{id}"), ("success_url", form.Text("success_url")), ("cancel_url", form.Text("cancel_url")),
            ("permissions", null), ("currency_conversion", null),
            ("payment_method_options", new JsonObject { ["saves"] = form.Text("payment_intent_data[setup_future_usage]") == "off_session" })));
    }

    /// <summary>Where sessions of this server are paid; set when it knows its own address.</summary>
    public string PayPath { get; set; } = "https://checkout.stripe.test/pay/";

    private ApiAnswer MakePayment(Form form)
    {
        var customer = form.Text("customer");
        if (form.Number("amount") is not (>= 50 and <= 99_999_999) || customer is null || account.Find(customer) is null)
        {
            return ApiAnswer.Invalid("Invalid amount or customer", "parameter_invalid_integer");
        }

        if (form.Text("payment_method") != "pm_" + customer || account.CardOf(customer) is not { } behaviour)
        {
            return ApiAnswer.Invalid("No such PaymentMethod", "resource_missing");
        }

        var payment = AddPayment(form.Number("amount")!.Value, form.Text("currency")!, customer, MapOf(form, "metadata"));
        if (behaviour == "ok")
        {
            Succeed(payment);
            return ApiAnswer.Of(payment);
        }

        payment["status"] = "requires_payment_method";
        account.Tell("payment_intent.payment_failed", payment);
        var declined = ApiAnswer.Error(402, "card_error", "Your card was declined.", behaviour);
        declined.Body["error"]!["payment_intent"] = payment.DeepClone();
        return declined;
    }

    public JsonObject AddPayment(long amount, string currency, string? customer, JsonObject metadata) => account.Add(
        "payment_intent", ("id", account.NewId("pi")), ("amount", amount), ("currency", currency), ("customer", customer), ("metadata", metadata),
        ("last_payment_error", null), ("canceled_at", null), ("next_action", null), ("processing", null), ("transfer_data", null));

    public void Succeed(JsonObject payment)
    {
        payment["status"] = "succeeded";
        payment["amount_received"] = payment["amount"]!.DeepClone();
        payment["latest_charge"] = account.NewId("ch");
        account.Tell("payment_intent.succeeded", payment);
    }

    private ApiAnswer Cards(string customer, string path, Form form) => account.Find(customer) is null
        ? ApiAnswer.Missing("customer")
        : ApiAnswer.Page(path, account.CardOf(customer) is null ? [] : [Shapes.Make("payment_method", ("id", "pm_" + customer), ("customer", customer))], form);

    private static JsonObject MapOf(Form form, string name)
    {
        var map = new JsonObject();
        foreach (var (key, value) in form.Map(name))
        {
            map[key] = value;
        }

        return map;
    }
}
