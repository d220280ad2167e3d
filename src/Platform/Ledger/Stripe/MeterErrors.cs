using Platform.Persistence;
using Stripe.Events;

namespace Platform.Ledger.Stripe;

/// <summary>
/// Stripe takes meter events first and looks at them later: what it could not use it says in a report, with samples of what was wrong. Those that are ours
/// are marked as failed; which others there are the reconciliation finds.
/// </summary>
internal sealed partial class MeterErrors(StripeAccess stripe, Database database, ILogger<MeterErrors> log)
{
    public const string ReportType = "v1.billing.meter.error_report_triggered";
    public const string NoMeterType = "v1.billing.meter.no_meter_found";

    /// <summary>The event came without its contents, as those of API v2 do: they are asked for.</summary>
    public async Task<Followed> RunAsync(string eventId, CancellationToken cancellation)
    {
        var reasons = await stripe.Client.V2.Core.Events.GetAsync(eventId, cancellationToken: cancellation) switch
        {
            V1BillingMeterErrorReportTriggeredEvent report => report.Data.Reason.ErrorTypes.SelectMany(static type =>
                type.SampleErrors.Select(sample => (sample.Request.Identifier, type.Code))).ToList(),
            V1BillingMeterNoMeterFoundEvent report => report.Data.Reason.ErrorTypes.SelectMany(static type =>
                type.SampleErrors.Select(sample => (sample.Request.Identifier, type.Code))).ToList(),
            _ => [],
        };
        var marked = 0;
        foreach (var (identifier, code) in reasons)
        {
            marked += await database.ChangeAsync(
                "update stripe_usage set state = 'failed', failure = $2 where identifier = $1 and state in ('due', 'sent')",
                cancellation, identifier, code);
            LogUnusable(log, identifier, code);
        }

        return new Followed(Followed.Done, $"Stripe could not use usage: {reasons.Count} samples, {marked} of them ours.");
    }

    [LoggerMessage(EventId = 4713, Level = LogLevel.Error, Message = "Stripe could not use meter event {Identifier}: {Code}")]
    private static partial void LogUnusable(ILogger log, string identifier, string code);
}
