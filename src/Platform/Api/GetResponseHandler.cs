using Platform.Catalog;
using Platform.Delivery;

namespace Platform.Api;

/// <summary>
/// <c>getResponse</c>: where a task stands. One item for each expected result, finished ones first and the same every time; what
/// failed is in the errors. Never empty, because an empty answer hangs every SDK.
/// </summary>
internal sealed class GetResponseHandler(TaskForms forms, ReadOutcomes outcomes, ItemAudio audio)
{
    public const string TaskType = "getResponse";

    private readonly TaskForm _form = forms.Of(TaskType);

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        if (_form.Check(call.Task.Json) is { Count: > 0 } errors)
        {
            return TaskReply.Failed(errors);
        }

        var outcome = await outcomes.FindForTenantAsync(call.Caller.TenantId, PollTarget.UuidOf(call), cancellation);
        return outcome is null ? TaskReply.Failed(PollTarget.NotFound) : await ShowAsync(call, outcome, cancellation);
    }

    private async Task<TaskReply> ShowAsync(TaskCall call, TaskOutcome outcome, CancellationToken cancellation)
    {
        var (finished, errors) = await audio.CompleteAsync(outcome, cancellation);
        var items = finished.ConvertAll(SmallItems.Succeeded);
        if (!outcome.IsFinal)
        {
            items.AddRange(SmallItems.Processing(call, outcome.NumberResults - outcome.Items.Count));
        }

        return new TaskReply { Items = items, Errors = errors, PolledType = SmallItems.Inference };
    }
}
