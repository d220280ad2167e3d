using System.Text.RegularExpressions;

namespace Platform.LocalStripe;

/// <summary>What one address of Stripe's API takes, after its public reference.</summary>
/// <param name="Path">A pattern; groups are ids.</param>
/// <param name="Required">Parameters, array positions as <c>[]</c>.</param>
/// <param name="Optional">The same; <c>metadata[*]</c> stands for any key.</param>
internal sealed record RequestShape(string Method, string Path, string[] Required, string[] Optional)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public Match Match(string path) => Regex.Match(path, $"^{Path}$", RegexOptions.CultureInvariant, Patience);

    /// <summary>Null, or what is wrong with the parameters.</summary>
    public string? FindFault(Form form)
    {
        var given = form.Names.ToHashSet(StringComparer.Ordinal);
        if (Required.FirstOrDefault(name => !given.Contains(name)) is { } missing)
        {
            return $"Missing required param: {missing}.";
        }

        var unknown = given.FirstOrDefault(name => !Required.Contains(name, StringComparer.Ordinal) && !Optional.Any(known => Covers(known, name)));
        return unknown is null ? null : $"Received unknown parameter: {unknown}";
    }

    private static bool Covers(string known, string name) =>
        known == name || (known.EndsWith("[*]", StringComparison.Ordinal) && name.StartsWith(known[..^2], StringComparison.Ordinal));
}

/// <summary>The addresses that the platform uses. Any other is a 404, as it would be a call that nobody has thought about.</summary>
internal static class RequestShapes
{
    private static readonly string[] Page = ["limit", "starting_after"];
    private static readonly string[] Created = ["created[gte]", "created[lte]", .. Page];

    public static readonly IReadOnlyList<RequestShape> All =
    [
        new("POST", "/v1/customers", [], ["name", "email", "metadata[*]"]),
        new("GET", "/v1/customers/(?<id>cus_[^/]+)", [], []),
        new("GET", "/v1/customers/(?<id>cus_[^/]+)/payment_methods", [], ["type", .. Page]),
        new(
            "POST", "/v1/checkout/sessions",
            [
                "mode", "success_url", "line_items[][quantity]", "line_items[][price_data][currency]", "line_items[][price_data][unit_amount]",
                "line_items[][price_data][product_data][name]",
            ],
            [
                "customer", "client_reference_id", "cancel_url", "adaptive_pricing[enabled]", "metadata[*]", "payment_intent_data[metadata][*]",
                "payment_intent_data[setup_future_usage]",
            ]),
        new("GET", "/v1/checkout/sessions/(?<id>cs_[^/]+)", [], []),
        new(
            "POST", "/v1/payment_intents", ["amount", "currency"],
            ["customer", "payment_method", "off_session", "confirm", "description", "metadata[*]"]),
        new("GET", "/v1/payment_intents", [], ["customer", .. Created]),
        new("GET", "/v1/payment_intents/(?<id>pi_[^/]+)", [], []),
        new("GET", "/v1/refunds", [], ["payment_intent", "charge", .. Created]),
        new("GET", "/v1/refunds/(?<id>re_[^/]+)", [], []),
        new("GET", "/v1/disputes", [], ["payment_intent", "charge", .. Created]),
        new("GET", "/v1/disputes/(?<id>dp_[^/]+)", [], []),
        new("GET", "/v1/invoices", [], ["customer", "status", .. Created]),
        new("GET", "/v1/invoices/(?<id>in_[^/]+)", [], []),
        new("GET", "/v1/billing/meters", [], ["status", .. Page]),
        new("GET", "/v1/billing/meters/(?<id>mtr_[^/]+)/event_summaries", ["customer", "start_time", "end_time"], ["value_grouping_window", .. Page]),
        new(
            "POST", "/v1/billing/meter_events", ["event_name", "payload[stripe_customer_id]", "payload[value]"], ["identifier", "timestamp"]),
        new("POST", "/v1/billing/meter_event_adjustments", ["event_name", "type"], ["cancel[identifier]"]),
        new("GET", "/v2/core/events/(?<id>evt_[^/]+)", [], []),
    ];
}
