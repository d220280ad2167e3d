using Microsoft.Extensions.Options;
using Platform.Delivery.Webhooks;
using Platform.Engines.Calls;
using Platform.Ledger;
using Platform.Ledger.Promotions;
using Platform.Ledger.Reconciliation;
using Platform.Persistence;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tasks.Voices;
using Platform.Tenants.Voices;
using Platform.Telemetry;
using Quartz;

namespace Platform.Hosting;

/// <summary>
/// The scheduler role: Quartz triggers sweeps that find their work in rows. They need no cluster tables, because two nodes that sweep
/// at once find the same rows and change each once.
/// </summary>
internal static class Sweeps
{
    public static void AddSweeps(this IServiceCollection services)
    {
        services.AddSingleton<RescueTasks>();
        services.AddSingleton<ExpireMedia>();
        services.AddSingleton<ForgetMedia>();
        services.AddSingleton<SweepOrphans>();
        services.AddSingleton<EraseTenants>();
        services.AddSingleton<ForgetTasks>();
        services.AddSingleton<ForgetCalls>();
        services.AddSingleton<StandingGauges>();
        services.AddSingleton<ForgetVoices>();
        services.AddSingleton<ExpirePromotions>();
        services.AddSingleton<NewestReconciliation>();
        services.AddSingleton<ReconcileNightly>();
        services.AddQuartz(quartz =>
        {
            Every<RescueSweep>(quartz, provider => SecondsOf<TasksOptions>(provider, static o => o.RescueSeconds));
            Every<MediaSweep>(quartz, provider => SecondsOf<StorageOptions>(provider, static o => o.SweepSeconds));
            Every<ErasureSweep>(quartz, provider => SecondsOf<StorageOptions>(provider, static o => o.SweepSeconds));
            Every<WebhookSweep>(quartz, provider => SecondsOf<WebhookOptions>(provider, static o => o.SweepSeconds));
            Every<OrphanSweep>(quartz, provider => 60 * SecondsOf<StorageOptions>(provider, static o => o.OrphanMinutes));
            Every<RetentionSweep>(quartz, static _ => TimeSpan.FromHours(1));
            Every<VoiceSweep>(quartz, provider => SecondsOf<VoiceOptions>(provider, static o => o.SweepSeconds));
            Every<PromotionSweep>(quartz, static _ => TimeSpan.FromMinutes(1));
            Every<UsageSweep>(quartz, static _ => TimeSpan.FromMinutes(1));
            Every<MeasureSweep>(quartz, provider => SecondsOf<TelemetryOptions>(provider, static o => o.MeasureSeconds));
            Every<PaymentSweep>(quartz, PaymentSweep.IntervalOf);
            Every<NightlyReconciliation>(quartz, static _ => TimeSpan.FromMinutes(2));
        });
        services.AddQuartzHostedService(static options => options.WaitForJobsToComplete = true);
    }

    private static void Every<TJob>(IQuartzBuilder quartz, Func<IServiceProvider, TimeSpan> interval)
        where TJob : class, IJob =>
        quartz.ScheduleJob<TJob>(
            (provider, trigger) =>
            {
                SweepMetrics.Planned(SweepMetrics.NameOf(typeof(TJob)), interval(provider));
                trigger.StartNow().WithSimpleSchedule(interval(provider));
            },
            (_, job) => job.DisallowConcurrentExecution());

    private static TimeSpan SecondsOf<TOptions>(IServiceProvider provider, Func<TOptions, double> seconds)
        where TOptions : class =>
        TimeSpan.FromSeconds(seconds(provider.GetRequiredService<IOptions<TOptions>>().Value));
}

/// <summary>Every two seconds or so: what was lost goes on.</summary>
internal sealed class RescueSweep(RescueTasks rescue, ILogger<RescueSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(rescue.RunAsync, log, cancellationToken);
}

/// <summary>Every half minute: expired files go, and what customers deleted.</summary>
internal sealed class MediaSweep(ExpireMedia expire, ForgetMedia forget, ILogger<MediaSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(
            [
                cancellation => expire.RunAsync(cancellation, SweepGuard.Progressed<MediaSweep>),
                cancellation => forget.DeleteMarkedAsync(cancellation, SweepGuard.Progressed<MediaSweep>),
            ],
            log, cancellationToken);
}

/// <summary>The data of tenants that are to be erased. A job of its own: one that has a lot to delete keeps nothing else waiting.</summary>
internal sealed class ErasureSweep(EraseTenants erase, ILogger<ErasureSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(cancellation => erase.RunAsync(cancellation, SweepGuard.Progressed<ErasureSweep>), log, cancellationToken);
}

/// <summary>Every second: webhooks of silent senders are due again, and the sender of this process looks for retries.</summary>
internal sealed class WebhookSweep(SweepWebhooks sweep, ILogger<WebhookSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(sweep.RunAsync, log, cancellationToken);
}

/// <summary>Every few minutes: some more of the stored files are looked at, whether anything names them.</summary>
internal sealed class OrphanSweep(SweepOrphans sweep, ILogger<OrphanSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(sweep.RunAsync, log, cancellationToken);
}

/// <summary>Every hour: old tasks are forgotten, and after them the media that came with them, and what their calls were like.</summary>
internal sealed class RetentionSweep(ForgetTasks forget, ForgetMedia media, ForgetCalls calls, ILogger<RetentionSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync([forget.RunAsync, media.MarkUnusedAsync, calls.RunAsync], log, cancellationToken);
}

/// <summary>Every minute: new ledger entries are added to the usage of their days.</summary>
internal sealed class UsageSweep(RollUsage roll, ILogger<UsageSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(roll.RunAsync, log, cancellationToken);
}

/// <summary>Every ten seconds: what waits, is dead, is held and works is counted, for whoever watches.</summary>
internal sealed class MeasureSweep(StandingGauges gauges, ILogger<MeasureSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(gauges.RunAsync, log, cancellationToken);
}

/// <summary>Every minute: providers forget the voices that their tenants deleted.</summary>
internal sealed class VoiceSweep(ForgetVoices forget, ILogger<VoiceSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(forget.RunAsync, log, cancellationToken);
}

/// <summary>Every minute: what is left of expired promotional credit goes.</summary>
internal sealed class PromotionSweep(ExpirePromotions expire, ILogger<PromotionSweep> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(expire.RunAsync, log, cancellationToken);
}

/// <summary>Every two minutes: whether the night's reconciliation has been made, and what the newest one found.</summary>
internal sealed class NightlyReconciliation(ReconcileNightly nightly, ILogger<NightlyReconciliation> log) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        SweepGuard.RunAsync(cancellation => nightly.RunAsync(cancellation, SweepGuard.Progressed<NightlyReconciliation>), log, cancellationToken);
}

/// <summary>A sweep that finds the database or the store away says so in one line and is tried again at its next time.</summary>
internal static partial class SweepGuard
{
    public static ValueTask RunAsync<TSweep>(Func<CancellationToken, Task> sweep, ILogger<TSweep> log, CancellationToken cancellation) =>
        RunAsync([sweep], log, cancellation);

    /// <summary>For a sweep that may have a lot to do: it got further.</summary>
    public static void Progressed<TSweep>() => SweepMetrics.Succeeded(SweepMetrics.NameOf(typeof(TSweep)));

    /// <summary>Runs the steps one after another, each whether or not the one before succeeded; the sweep succeeds when all of them do.</summary>
    public static async ValueTask RunAsync<TSweep>(
        IReadOnlyList<Func<CancellationToken, Task>> steps, ILogger<TSweep> log, CancellationToken cancellation)
    {
        var name = SweepMetrics.NameOf(typeof(TSweep));
        var succeeded = 0;
        foreach (var step in steps)
        {
            succeeded += await TryAsync(step, name, log, cancellation) ? 1 : 0;
        }

        if (succeeded == steps.Count)
        {
            SweepMetrics.Succeeded(name);
        }
    }

    private static async Task<bool> TryAsync(Func<CancellationToken, Task> step, string name, ILogger log, CancellationToken cancellation)
    {
        try
        {
            await step(cancellation);
            return true;
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault)
            || (fault is InvalidOperationException { InnerException: { } cause } && DatabaseRetry.MayPass(cause)))
        {
            SweepMetrics.Failed(name);
            LogAway(log, (fault.InnerException ?? fault).Message);
            return false;
        }
        catch (IOException fault)
        {
            SweepMetrics.Failed(name);
            LogStoreAway(log, fault.Message);
            return false;
        }
    }

    [LoggerMessage(EventId = 5201, Level = LogLevel.Warning, Message = "This sweep was skipped, the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);

    [LoggerMessage(EventId = 5202, Level = LogLevel.Warning, Message = "This sweep ended early, files cannot be reached: {Reason}")]
    private static partial void LogStoreAway(ILogger log, string reason);
}
