using Npgsql;
using Platform.Persistence;
using Stripe;
using Stripe.Billing;

namespace Platform.Ledger.Stripe;

/// <summary>One meter event.</summary>
/// <param name="Value">Micro-USD; negative takes usage back.</param>
/// <param name="TriedAt">When it was tried first.</param>
internal sealed record UsageEvent(
    long UsageId, Guid TenantId, string Customer, long Value, DateTimeOffset At, string Identifier, string State, DateTimeOffset? TriedAt)
{
    public string? Failure { get; init; }

    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>
/// A sweep: what postpaid tenants used, to Stripe's meter. Sent at least once; the identifier makes it count once. Within Stripe's limits
/// (https://docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api): far below 1,000 calls a second, one at a time for a customer,
/// whole numbers, nothing older than 35 days.
/// </summary>
internal sealed partial class SendUsage(StripeAccess stripe, Database database, ILogger<SendUsage> log)
{
    public const string Columns = "usage_id, tenant_id, customer, value, at, identifier, state, tried_at, failure, sent_at";

    private const int LargestStep = 50_000;
    private const int AtOnce = 8;

    private const string Claim =
        $"""
        update stripe_usage
           set attempts = attempts + 1, tried_at = coalesce(tried_at, now()),
               next_attempt_at = now() + interval '1 second' * least(3600, 30 * power(2, least(attempts, 8)))
         where usage_id in (
               select usage_id from stripe_usage where state = 'due' and next_attempt_at <= now()
                order by next_attempt_at, usage_id limit 500 for update skip locked)
        returning usage_id, tenant_id, customer, value, at, identifier, state, case when attempts > 1 then tried_at end, failure, sent_at
        """;

    private static readonly string Collect = SqlText.Load("stripe-collect-usage");
    private static readonly TimeSpan Oldest = TimeSpan.FromDays(35) - TimeSpan.FromMinutes(10);

    // Stripe knows an identifier again for a day. Past that, sending again could count again.
    private static readonly TimeSpan IdentifierHolds = TimeSpan.FromHours(23);

    private long _collectedAt;

    public async Task RunAsync(CancellationToken cancellation)
    {
        if (stripe.Settings.MeterEventName.Length == 0)
        {
            return;
        }

        if (_collectedAt == 0 || stripe.Time.GetElapsedTime(_collectedAt) >= TimeSpan.FromSeconds(stripe.Settings.UsageSeconds))
        {
            await CollectAsync(cancellation);
            _collectedAt = stripe.Time.GetTimestamp();
        }

        await SendAsync(cancellation);
    }

    /// <summary>Writes down what is to be sent.</summary>
    public async Task CollectAsync(CancellationToken cancellation)
    {
        long read;
        do
        {
            await using var command = database.Durable.CreateCommand(Collect);
            command.Add(LargestStep);
            read = (long)(await command.ExecuteScalarAsync(cancellation))!;
        }
        while (read >= LargestStep);
    }

    /// <summary>Sends what is due.</summary>
    public async Task SendAsync(CancellationToken cancellation)
    {
        while (await database.ListAsync(Claim, Read, cancellation) is { Count: > 0 } due)
        {
            var limits = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
            await Parallel.ForEachAsync(due.GroupBy(static one => one.Customer, StringComparer.Ordinal), limits, async (events, token) =>
            {
                foreach (var one in events.OrderBy(static one => one.UsageId))
                {
                    await SendAsync(one, token);
                }
            });
        }
    }

    public static UsageEvent Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetInt64(3), row.GetFieldValue<DateTimeOffset>(4), row.GetString(5), row.GetString(6),
        row.Instant(7))
    {
        Failure = row.Text(8),
        SentAt = row.Instant(9),
    };

    private async Task SendAsync(UsageEvent one, CancellationToken cancellation)
    {
        var now = stripe.Time.GetUtcNow();
        if (now - one.At > Oldest)
        {
            await EndAsync(one, "late", "older than Stripe takes", cancellation);
            return;
        }

        if (one.TriedAt is { } tried && now - tried > IdentifierHolds)
        {
            await EndAsync(one, "unsure", "nobody knows whether it arrived", cancellation);
            return;
        }

        try
        {
            await stripe.Client.V1.Billing.MeterEvents.CreateAsync(EventOf(one), StripeAccess.Once(one.Identifier), cancellation);
            await EndAsync(one, "sent", null, cancellation);
        }
        catch (StripeException fault) when (IsKnown(fault))
        {
            // An earlier attempt arrived, and its answer did not.
            await EndAsync(one, "sent", null, cancellation);
        }
        catch (Exception fault) when (StripeFault.MayPass(fault))
        {
            LogLater(log, one.Identifier, StripeFault.CodeOf(fault));
        }
        catch (StripeException fault)
        {
            await EndAsync(one, "failed", StripeFault.CodeOf(fault), cancellation);
        }
    }

    private MeterEventCreateOptions EventOf(UsageEvent one) => new()
    {
        EventName = stripe.Settings.MeterEventName,
        Identifier = one.Identifier,
        Timestamp = one.At.UtcDateTime,
        Payload = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["stripe_customer_id"] = one.Customer,
            ["value"] = one.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    };

    // Stripe's documents name the code; the sentence is what it has been seen to answer.
    private static bool IsKnown(StripeException fault) =>
        fault.StripeError is { Code: "duplicate_meter_event" }
        || fault.StripeError?.Message?.StartsWith("An event already exists with identifier", StringComparison.Ordinal) == true;

    private async Task EndAsync(UsageEvent one, string state, string? failure, CancellationToken cancellation)
    {
        await database.ChangeAsync(
            "update stripe_usage set state = $2, failure = $3, sent_at = case when $2 = 'sent' then now() end where usage_id = $1 and state = 'due'",
            cancellation, one.UsageId, state, failure);
        if (failure is null)
        {
            LogSent(log, one.Identifier, one.TenantId, one.Value);
        }
        else
        {
            LogFailed(log, one.Identifier, one.TenantId, state, failure);
        }
    }

    [LoggerMessage(EventId = 4714, Level = LogLevel.Debug, Message = "Sent meter event {Identifier} of tenant {Tenant}: {MicroUsd} micro-USD")]
    private static partial void LogSent(ILogger log, string identifier, Guid tenant, long microUsd);

    [LoggerMessage(EventId = 4715, Level = LogLevel.Warning, Message = "Meter event {Identifier} waits for Stripe: {Code}")]
    private static partial void LogLater(ILogger log, string identifier, string code);

    [LoggerMessage(EventId = 4716, Level = LogLevel.Error, Message = "Meter event {Identifier} of tenant {Tenant} is {State}: {Failure}")]
    private static partial void LogFailed(ILogger log, string identifier, Guid tenant, string state, string failure);
}
