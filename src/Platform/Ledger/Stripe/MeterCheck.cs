using Platform.Ledger.Reconciliation;
using Platform.Persistence;
using Stripe.Billing;

namespace Platform.Ledger.Stripe;

/// <summary>Usage that was sent against the sums of Stripe's meter, hour by hour for each customer.</summary>
internal sealed class MeterCheck(StripeAccess stripe, ComparedTime compared, Database database)
{
    // An hour into which something was sent only just is not compared yet: Stripe adds up later.
    private const string Sent =
        """
        select customer, max(tenant_id::text)::uuid, date_trunc('hour', at, 'UTC') as hour, sum(value)::bigint, max(sent_at) >= $3,
               array_agg(identifier order by usage_id), array_agg(value order by usage_id)
          from stripe_usage where state = 'sent' and at >= $1 and at < $2
         group by customer, date_trunc('hour', at, 'UTC')
        """;

    private const string Customers =
        """
        select customer, max(tenant_id::text)::uuid from (
               select customer, tenant_id from stripe_customers union select customer, tenant_id from stripe_usage where at >= $1 and at < $2) c
         group by customer order by customer
        """;

    private const string Beginning =
        "select to_char(date_trunc('hour', least(min(u.at), min(c.mapped_at)), 'UTC') at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
        + "from stripe_customers c left join stripe_usage u using (tenant_id)";

    public async Task<List<Difference>> RunAsync(Period period, CancellationToken cancellation)
    {
        var part = compared.Of(period);
        var begin = await database.FindAsync(Beginning, static row => row.Text(0) ?? "", cancellation);
        if (stripe.Settings.MeterEventName.Length == 0 || string.IsNullOrEmpty(begin))
        {
            return [];
        }

        var since = DateTimeOffset.Parse(begin, System.Globalization.CultureInfo.InvariantCulture);
        var from = HourOf(part.From < since ? since : part.From);
        var to = HourOf(part.To.AddTicks(TimeSpan.TicksPerHour - 1));
        if (from >= to)
        {
            return [];
        }

        var meter = await FindMeterAsync(cancellation);
        return meter is null ? [NoMeter()] : await CompareAsync(meter, new Period(from, to), part.To, cancellation);
    }

    private async Task<List<Difference>> CompareAsync(Meter meter, Period hours, DateTimeOffset young, CancellationToken cancellation)
    {
        var found = new List<Difference>();
        if (meter.DefaultAggregation?.Formula != "sum")
        {
            found.Add(NoMeter() with
            {
                Kind = "meterFormula", Key = meter.Id, Expected = "a meter that sums", Found = meter.DefaultAggregation?.Formula ?? "none",
            });
        }

        var sent = (await database.ReportAsync(
            Sent,
            static row => new SentHour(
                row.GetString(0), row.GetGuid(1), row.GetFieldValue<DateTimeOffset>(2), row.GetInt64(3), row.GetBoolean(4),
                row.GetFieldValue<string[]>(5), row.GetFieldValue<long[]>(6)),
            cancellation, hours.From, hours.To, young)).ToLookup(static hour => hour.Customer, StringComparer.Ordinal);
        foreach (var (customer, tenant) in await database.ListAsync(
            Customers, static row => (row.GetString(0), row.GetGuid(1)), cancellation, hours.From, hours.To))
        {
            var there = await SumsAsync(meter.Id, customer, hours, cancellation);
            var here = sent[customer].ToDictionary(static hour => hour.Hour);
            foreach (var hour in there.Keys.Union(here.Keys).Order())
            {
                var ours = here.GetValueOrDefault(hour) ?? new SentHour(customer, tenant, hour, 0, false, [], []);
                if (!ours.IsYoung && there.GetValueOrDefault(hour) is var theirs && theirs != ours.Value)
                {
                    found.Add(Of(ours, theirs));
                }
            }
        }

        return found;
    }

    private async Task<Dictionary<DateTimeOffset, decimal>> SumsAsync(string meter, string customer, Period hours, CancellationToken cancellation)
    {
        var list = new MeterEventSummaryListOptions
        {
            Customer = customer,
            StartTime = hours.From.UtcDateTime,
            EndTime = hours.To.UtcDateTime,
            ValueGroupingWindow = "hour",
        };
        var sums = new Dictionary<DateTimeOffset, decimal>();
        await foreach (var sum in stripe.Client.V1.Billing.Meters.EventSummaries.ListAutoPagingAsync(meter, list, cancellationToken: cancellation))
        {
            var hour = HourOf(new DateTimeOffset(sum.StartTime, TimeSpan.Zero));
            sums[hour] = sums.GetValueOrDefault(hour) + sum.AggregatedValue;
        }

        return sums;
    }

    private async Task<Meter?> FindMeterAsync(CancellationToken cancellation)
    {
        var list = new MeterListOptions { Status = "active", Limit = 100 };
        await foreach (var meter in stripe.Client.V1.Billing.Meters.ListAutoPagingAsync(list, cancellationToken: cancellation))
        {
            if (meter.EventName == stripe.Settings.MeterEventName)
            {
                return meter;
            }
        }

        return null;
    }

    private static Difference Of(SentHour ours, decimal theirs)
    {
        // Where one event alone makes the difference, it is that one.
        var suspect = Array.IndexOf(ours.Values, (long)(ours.Value - theirs)) is var at and >= 0 ? ours.Identifiers[at] : null;
        var which = suspect is null ? $"{ours.Identifiers.Length} events" : $"event {suspect}";
        var isMissing = theirs < ours.Value;
        return new Difference
        {
            Kind = isMissing ? "meterEventMissing" : "meterEventForeign",
            TenantId = ours.TenantId,
            Key = $"{ours.Customer}:{ours.Hour:yyyy-MM-ddTHH}",
            Subject = $"customer {ours.Customer}, the hour from {ours.Hour:yyyy-MM-ddTHH:mm}Z, {which}",
            Expected = $"{ours.Value} micro-USD",
            Found = $"{theirs:0.######} micro-USD",
            Repair = isMissing
                ? $"usage resend --lost --event {suspect ?? ours.Identifiers.FirstOrDefault() ?? "ID"}"
                : $"look at the meter's events of {ours.Customer} at Stripe: whoever else sends usage to it takes it back there",
        };
    }

    private Difference NoMeter() => new()
    {
        Kind = "meterMissing",
        Key = stripe.Settings.MeterEventName,
        Subject = $"meter {stripe.Settings.MeterEventName}",
        Expected = "an active meter at Stripe",
        Found = "none",
        Repair = "make the meter at Stripe as docs/billing.md says, or set Stripe:MeterEventName",
    };

    private static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    private sealed record SentHour(
        string Customer, Guid TenantId, DateTimeOffset Hour, long Value, bool IsYoung, string[] Identifiers, long[] Values);
}
