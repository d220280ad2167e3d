using Platform.Delivery;

namespace Platform.Api;

/// <summary>
/// <c>getResponse</c>: where a task stands. One item for each expected result, finished ones first and the same every time; what
/// failed is in the errors. Never empty, because an empty answer hangs every SDK.
/// </summary>
internal sealed class GetResponseHandler(ReadOutcomes outcomes, ItemAudio audio)
{
    private const string Polled = "audioInference";

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        if (PollTarget.Read(call, out var taskUuid) is { } error)
        {
            return TaskReply.Failed(error);
        }

        var outcome = await outcomes.FindForTenantAsync(call.Caller.TenantId, taskUuid, cancellation);
        return outcome is null ? TaskReply.Failed(PollTarget.NotFound) : await ShowAsync(call, outcome, cancellation);
    }

    private async Task<TaskReply> ShowAsync(TaskCall call, TaskOutcome outcome, CancellationToken cancellation)
    {
        var (finished, errors) = await audio.CompleteAsync(outcome, cancellation);
        var items = finished.ConvertAll(static item => (ReadOnlyMemory<byte>)SmallItems.Succeeded(item.Span));
        if (!outcome.IsFinal)
        {
            var processing = SmallItems.WithStatus(Polled, call.TaskUuid!, "processing");
            items.AddRange(Enumerable.Repeat((ReadOnlyMemory<byte>)processing, outcome.NumberResults - outcome.Items.Count));
        }

        return new TaskReply { Items = items, Errors = errors, PolledType = Polled };
    }
}
