using System.Text.Json.Nodes;

namespace Platform.LocalStripe;

/// <summary>One counted meter event.</summary>
internal sealed record Counted(string Customer, long Value, long Timestamp, string Identifier, long ReceivedAt);

/// <summary>The meter: counts each identifier once, within Stripe's limits of time, and sums up by hours.</summary>
internal sealed class Usage
{
    private const long Day = 86_400;
    private const long Hour = 3600;

    public List<Counted> Events { get; } = [];

    public ApiAnswer Take(Form form, Account account)
    {
        if (form.Text("event_name") != Account.MeterName)
        {
            return ApiAnswer.Invalid("No active meter found for event name.", "no_meter");
        }

        if (form.Number("payload[value]") is not { } value)
        {
            return ApiAnswer.Invalid("Invalid value for the meter event: it must be a whole number.", "meter_event_invalid_value");
        }

        var (now, customer) = (account.Now, form.Text("payload[stripe_customer_id]")!);
        var timestamp = form.Number("timestamp") ?? now;
        if (timestamp < now - (35 * Day) || timestamp > now + 300)
        {
            return ApiAnswer.Invalid("The timestamp is outside of the window.", timestamp > now ? "timestamp_in_future" : "timestamp_too_far_in_past");
        }

        if (account.Find(customer) is null)
        {
            return ApiAnswer.Invalid($"No such customer: '{customer}'", "resource_missing");
        }

        var identifier = form.Text("identifier") ?? account.NewId("identifier");
        if (Events.Any(one => one.Identifier == identifier && now - one.ReceivedAt < Day))
        {
            return ApiAnswer.Invalid($"An event already exists with identifier {identifier}.");
        }

        Events.Add(new Counted(customer, value, timestamp, identifier, now));
        return ApiAnswer.Of(Shapes.Make(
            "billing.meter_event", ("created", now), ("event_name", Account.MeterName), ("identifier", identifier), ("timestamp", timestamp),
            ("payload", new JsonObject { ["stripe_customer_id"] = customer, ["value"] = form.Text("payload[value]") })));
    }

    public ApiAnswer Cancel(Form form, Account account)
    {
        var identifier = form.Text("cancel[identifier]");
        if (form.Text("type") != "cancel" || Events.Find(one => one.Identifier == identifier) is not { } one)
        {
            return ApiAnswer.Invalid("No meter event to cancel.", "resource_missing");
        }

        if (account.Now - one.ReceivedAt > Day)
        {
            return ApiAnswer.Invalid("The meter event is older than 24 hours.", "meter_event_too_old");
        }

        Events.Remove(one);
        return ApiAnswer.Of(Shapes.Make(
            "billing.meter_event_adjustment", ("event_name", Account.MeterName), ("cancel", new JsonObject { ["identifier"] = identifier })));
    }

    public ApiAnswer Sum(Form form, string url)
    {
        var (customer, from, to) = (form.Text("customer"), form.Number("start_time"), form.Number("end_time"));
        if (from is null || to is null || from % 60 != 0 || to % 60 != 0 || (form.Text("value_grouping_window") == "hour" && from % Hour != 0))
        {
            return ApiAnswer.Invalid("start_time and end_time must lie on the boundaries of the grouping window.");
        }

        var hours = Events.Where(one => one.Customer == customer && one.Timestamp >= from && one.Timestamp < to)
            .GroupBy(one => one.Timestamp - (one.Timestamp % Hour)).OrderByDescending(hour => hour.Key)
            .Select(hour => Shapes.Make(
                "billing.meter_event_summary", ("id", $"mtrusg_{customer}_{hour.Key}"), ("aggregated_value", hour.Sum(one => one.Value)),
                ("start_time", hour.Key), ("end_time", hour.Key + Hour), ("meter", Account.MeterId)));
        return ApiAnswer.Page(url, hours, form);
    }

    public static JsonObject Meter() => Shapes.Make(
        "billing.meter", ("id", Account.MeterId), ("event_name", Account.MeterName), ("display_name", "Usage in micro-USD"),
        ("customer_mapping", new JsonObject { ["event_payload_key"] = "stripe_customer_id", ["type"] = "by_id" }));
}
