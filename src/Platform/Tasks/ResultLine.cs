using Platform.Delivery.Upload;

namespace Platform.Tasks;

/// <summary>
/// The results of one task on their way out, one after the other in their order. Without an uploadEndpoint each is settled as it comes; with
/// one each is put to its server first, while the engine goes on with the next. Disposing it ends what is still on its way.
/// </summary>
internal sealed class ResultLine(ClaimedTask task, HeldLease lease, HandOverResult hand, CancellationToken stop) : IAsyncDisposable
{
    private Task _last = Task.CompletedTask;
    private UploadPlace? _place;
    private CancellationTokenSource? _stop;
    private string _endpoint = "";
    private volatile string _state = TaskState.Running;

    /// <summary>The state of the task after the results that are through.</summary>
    public string State => _state;

    /// <summary>Null when the results may go to this address; else after how long there may be room on the way to it.</summary>
    public TimeSpan? Open(string endpoint)
    {
        (_place, var comeAgain) = hand.Enter(task.TenantId, endpoint);
        if (_place is null)
        {
            return comeAgain;
        }

        (_endpoint, _stop) = (endpoint, CancellationTokenSource.CreateLinkedTokenSource(stop));
        return null;
    }

    /// <summary>Returns when the next result may be made.</summary>
    public Task AddAsync(Produced produced, bool isLast)
    {
        _last = FollowAsync(_last, produced, isLast);
        return _stop is null ? _last : Task.CompletedTask;
    }

    /// <summary>Returns when all of them are through.</summary>
    public Task EndAsync() => _last;

    public async ValueTask DisposeAsync()
    {
        if (_stop is null)
        {
            return;
        }

        await _stop.CancelAsync();
        await _last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _place?.Dispose();
        _stop.Dispose();
    }

    private async Task FollowAsync(Task earlier, Produced produced, bool isLast)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!earlier.IsCompletedSuccessfully || _state != TaskState.Running)
        {
            // What came before ended the task, or this attempt at it.
            await hand.DiscardAsync(produced);
            await earlier;
            return;
        }

        if (_stop is not null && produced.Result is { } result)
        {
            produced = await hand.UploadAsync(task.TenantId, result, _endpoint, _stop.Token);
        }

        _state = await hand.SettleAsync(task, lease, produced, isLast);
    }
}

/// <summary>What a <see cref="ResultLine"/> is made of.</summary>
internal sealed class HandOverResult(UploadRoom room, DeliverUpload upload, SettleResult settle)
{
    public (UploadPlace? Place, TimeSpan ComeAgain) Enter(Guid tenantId, string endpoint) => room.Enter(UploadTarget.Of(tenantId, endpoint));

    /// <summary>The result when its server has it; what came of it instead when not.</summary>
    public async Task<Produced> UploadAsync(Guid tenantId, FinishedResult result, string endpoint, CancellationToken stop)
    {
        using var step = TaskTraces.Begin("upload");
        var refusal = await upload.RunAsync(tenantId, result, endpoint, stop);
        await StopPoint.ReachAsync(StopPoint.Uploaded);
        return refusal is { Error: null, IsHandedBack: false } ? new Produced { Result = result } : refusal;
    }

    public Task<string> SettleAsync(ClaimedTask task, HeldLease lease, Produced produced, bool isLast) =>
        settle.RunAsync(task, lease, produced, isLast);

    public Task DiscardAsync(Produced produced) => settle.DiscardAsync(produced);
}
