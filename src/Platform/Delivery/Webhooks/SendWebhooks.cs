using Microsoft.Extensions.Options;
using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>
/// The sender: leases what is due as far as there is room, and makes the attempts. Woken by bells, by sweeps, by the end of attempts that
/// others waited for, and by the time of a retry. Any number of processes may run one.
/// </summary>
internal sealed partial class SendWebhooks(
    ClaimWebhooks claim, Endpoints endpoints, AttemptWebhook attempt, IOptions<WebhookOptions> options, ILogger<SendWebhooks> log) : IDisposable
{
    // A claim costs as much as dozens of its rows, so a busy sender makes few and full ones.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(12);
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = TimeProvider.System;
    private readonly TimeSpan _idle = TimeSpan.FromSeconds(options.Value.SweepSeconds);
    private readonly RetryTimes _retries = new(TimeProvider.System);
    private readonly SemaphoreSlim _wake = new(0);
    private int _inFlight;
    private long _promotedAt;
    private volatile bool _isHungry;

    /// <summary>There may be something to send.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    /// <summary>Sends until told to stop, and returns when the attempts in flight are done and written down.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            var wait = await TryRoundAsync(stopping);
            try
            {
                await _wake.WaitAsync(wait, stopping);
                var early = Pace - _time.GetElapsedTime(started);
                if (early > TimeSpan.Zero)
                {
                    await Task.Delay(early, _time, stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
        }

        _isHungry = true;
        while (Volatile.Read(ref _inFlight) > 0)
        {
            await _wake.WaitAsync(_idle, CancellationToken.None);
        }
    }

    public void Dispose() => _wake.Dispose();

    private async Task<TimeSpan> TryRoundAsync(CancellationToken stopping)
    {
        try
        {
            return await RunRoundAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return TimeSpan.Zero;
        }
#pragma warning disable CA1031 // Whatever broke one round, the sender lives: what was leased comes back with its lease.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            if (DatabaseRetry.MayPass(fault))
            {
                LogAway(log, fault.Message);
            }
            else
            {
                LogBroken(log, fault);
            }

            return AfterFault;
        }
    }

    /// <summary>One claim with its attempts; answers how long the next may wait if nobody wakes it.</summary>
    private async Task<TimeSpan> RunRoundAsync(CancellationToken stopping)
    {
        if (_retries.TakeRipe() || _promotedAt == 0 || _time.GetElapsedTime(_promotedAt) >= _idle)
        {
            await claim.PromoteAsync(stopping);
            _promotedAt = _time.GetTimestamp();
        }

        // Set before the room is looked at: an attempt that ends behind the look must ring.
        _isHungry = true;
        var room = endpoints.FindRoom(claim.Visited);
        if (room.Total == 0)
        {
            return _retries.UntilNext(_idle);
        }

        var (webhooks, areEndpointsLeft) = await claim.RunAsync(room, stopping);
        var claimedAt = _time.GetTimestamp();
        foreach (var webhook in webhooks)
        {
            endpoints.Begin(webhook.Key);
            Interlocked.Increment(ref _inFlight);
            _ = Task.Run(() => AttemptAsync(webhook, claimedAt), CancellationToken.None);
        }

        _isHungry = room.LeavesSomething(webhooks);
        return areEndpointsLeft ? TimeSpan.Zero : _retries.UntilNext(_idle);
    }

    private async Task AttemptAsync(DueWebhook webhook, long claimedAt)
    {
        try
        {
            if (await attempt.RunAsync(webhook, claimedAt, isDelivered => endpoints.Answer(webhook.Key, isDelivered)) is { } delay)
            {
                _retries.Add(delay);
                if (delay < _idle)
                {
                    // The loop may be asleep for longer than this retry waits.
                    Wake();
                }
            }
        }
#pragma warning disable CA1031 // It could not be written down: the lease runs out, and the webhook is sent again under the same id.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogLeft(log, webhook.WebhookId, fault.Message);
        }
        finally
        {
            endpoints.End(webhook.Key);
            Interlocked.Decrement(ref _inFlight);
            if (_isHungry)
            {
                Wake();
            }
        }
    }

    [LoggerMessage(EventId = 4301, Level = LogLevel.Warning, Message = "No webhooks can be claimed, the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);

    [LoggerMessage(EventId = 4302, Level = LogLevel.Error, Message = "A round of the webhook sender met a fault of ours")]
    private static partial void LogBroken(ILogger log, Exception fault);

    [LoggerMessage(EventId = 4303, Level = LogLevel.Error, Message = "Webhook {WebhookId} is left to its lease: {Reason}")]
    private static partial void LogLeft(ILogger log, Guid webhookId, string reason);
}
