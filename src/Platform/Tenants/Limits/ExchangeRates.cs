using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Tenants.Limits;

/// <summary>
/// Brings this api node's counts to the rows that all nodes share, in one statement for all busy tenants, and what the others
/// let through back into the buckets here. See the README beside this for how exact that is.
/// </summary>
internal sealed partial class ExchangeRates(
    RateLimiter limiter, Database database, IOptions<LimitsOptions> options, TimeProvider time, ILogger<ExchangeRates> log)
    : BackgroundService
{
    private static readonly string Statement = SqlText.Load("exchange-rates");

    /// <summary>One exchange.</summary>
    public async Task RunOnceAsync(CancellationToken cancellation)
    {
        var reports = limiter.Report();
        if (reports.Count == 0)
        {
            return;
        }

        var open = reports.ToDictionary(static report => report.Key);
        try
        {
            await using var command = database.Relaxed.CreateCommand(Statement);
            command.AddColumn(reports, static r => r.Key.TenantId);
            command.AddColumn(reports, static r => (short)r.Key.Kind);
            command.AddColumn(reports, static r => r.Report.Shape.Rate);
            command.AddColumn(reports, static r => r.Report.Shape.Burst);
            command.AddColumn(reports, static r => r.Report.Taken);
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
            {
                open.Remove(new BucketKey(row.GetGuid(0), (RequestKind)row.GetInt16(1)), out var report);
                report.Bucket.Learn(report.Report.Taken, row.GetDouble(2), row.GetInt64(3));
            }
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            LogAlone(log, fault.Message);
        }
        finally
        {
            foreach (var (_, bucket, report) in open.Values)
            {
                bucket.Forget(report.Taken);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.ExchangeSeconds), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await RunOnceAsync(stoppingToken);
        }
    }

    [LoggerMessage(
        EventId = 4501, Level = LogLevel.Warning, Message = "This node limits requests by itself until the database is back: {Reason}")]
    private static partial void LogAlone(ILogger log, string reason);
}
