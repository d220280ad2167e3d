using Npgsql;
using Platform.Persistence;
using Stripe;

namespace Platform.Ledger.Stripe;

/// <summary>An event that waits to be applied.</summary>
internal sealed record WaitingEvent(string Id, string Type, string? ObjectType, string? ObjectId, int Attempts);

/// <summary>Brings our books to where the object of an event stands; the sweep repeats what failed, with growing waits, for about three days.</summary>
internal sealed partial class ApplyEvents(
    FollowObject follow, MeterErrors meterErrors, Database database, ILogger<ApplyEvents> log) : IDisposable
{
    /// <summary>What an endpoint at Stripe has to be told to send.</summary>
    public static readonly IReadOnlyList<string> Types =
    [
        "checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
        "checkout.session.expired", "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled",
        "charge.refunded", "refund.created", "refund.updated", "refund.failed", "charge.dispute.created", "charge.dispute.updated",
        "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated", "charge.dispute.closed", "invoice.paid",
        MeterErrors.ReportType, MeterErrors.NoMeterType,
    ];

    private const int MostAttempts = 25;

    // Each holds connections while it waits for Stripe; the database has more to do than this.
    private const int MostAtOnce = 4;

    private static readonly Followed Nothing = new(Followed.Ignored, "Events of this type mean nothing here.");

    private readonly SemaphoreSlim _room = new(MostAtOnce);

    // An attempt that nobody ended, because its process died, comes back by itself.
    private const string Claim =
        """
        update stripe_events set attempts = attempts + 1, next_attempt_at = now() + interval '1 second' * least(14400, 10 * power(2, least(attempts, 12)))
         where event_id in (
               select event_id from stripe_events
                where state = 'waiting' and case when $1::text is null then next_attempt_at <= now() else event_id = $1 end
                order by next_attempt_at limit 50 for update skip locked)
        returning event_id, type, object_type, object_id, attempts
        """;

    /// <summary>All that wait, or the one with this id.</summary>
    public async Task RunAsync(string? id, CancellationToken cancellation)
    {
        IReadOnlyList<WaitingEvent> waiting;
        do
        {
            waiting = await database.ListAsync(Claim, Read, cancellation, id);
            foreach (var one in waiting)
            {
                await ApplyAsync(one, cancellation);
            }
        }
        while (id is null && waiting.Count > 0);
    }

    public void Dispose() => _room.Dispose();

    private async Task ApplyAsync(WaitingEvent one, CancellationToken cancellation)
    {
        await _room.WaitAsync(cancellation);
        try
        {
            var followed = await FollowAsync(one, cancellation);
            await EndAsync(one, followed.State, followed.Detail, followed.TenantId, cancellation);
        }
        catch (StripeException fault) when (StripeFault.IsMissing(fault))
        {
            await EndAsync(one, Followed.Refused, "Stripe does not know its object.", null, cancellation);
        }
        catch (Exception fault) when (fault is StripeException || StripeFault.MayPass(fault))
        {
            var code = StripeFault.CodeOf(fault);
            LogFailed(log, one.Id, one.Type, one.Attempts, code);
            await database.ChangeAsync(
                "update stripe_events set detail = $2, state = case when attempts >= $3 then 'failed' else state end where event_id = $1",
                cancellation, one.Id, code, MostAttempts);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task<Followed> FollowAsync(WaitingEvent one, CancellationToken cancellation) => (one.ObjectType, one.ObjectId, one.Type) switch
    {
        (_, _, MeterErrors.ReportType or MeterErrors.NoMeterType) => await meterErrors.RunAsync(one.Id, cancellation),
        ("charge", { } payment, "charge.refunded" or "charge.refund.updated") => await follow.RunRefundsAsync(payment, cancellation),
        ("checkout.session" or "payment_intent" or "refund" or "dispute", { } id, _) => await follow.RunAsync(id, cancellation) ?? Nothing,
        ("invoice", { } id, "invoice.paid" or "invoice.payment_succeeded") => await follow.RunAsync(id, cancellation) ?? Nothing,
        _ => Nothing,
    };

    private async Task EndAsync(WaitingEvent one, string state, string detail, Guid? tenantId, CancellationToken cancellation)
    {
        await database.ChangeAsync(
            "update stripe_events set state = $2, detail = $3, tenant_id = $4::uuid, ended_at = now() where event_id = $1", cancellation,
            one.Id, state, detail, tenantId);
        if (state == Followed.Refused)
        {
            await database.ChangeAsync(
                """
                insert into audit_log (actor, action, tenant_id, subject, after)
                values ('stripe', 'payments.event.refused', $1::uuid, $2, jsonb_build_object('type', $3::text, 'object', $4::text, 'reason', $5::text))
                """,
                cancellation, tenantId, one.Id, one.Type, one.ObjectId, detail);
        }

        LogApplied(log, one.Id, one.Type, state, detail);
    }

    private static WaitingEvent Read(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.Text(2), row.Text(3), row.GetInt32(4));

    [LoggerMessage(EventId = 4711, Level = LogLevel.Information, Message = "Event {Event} ({Type}) is {State}: {Detail}")]
    private static partial void LogApplied(ILogger log, string @event, string type, string state, string detail);

    [LoggerMessage(EventId = 4712, Level = LogLevel.Warning, Message = "Event {Event} ({Type}) could not be applied, attempt {Attempt}: {Code}")]
    private static partial void LogFailed(ILogger log, string @event, string type, int attempt, string code);
}
