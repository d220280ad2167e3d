using System.Text.Json;
using Platform.Catalog;
using Platform.Delivery;

namespace Platform.Api;

/// <summary>
/// <c>getTaskDetails</c>: a task as it was sent and its answer, for as long as its UUID is taken. The answer is the envelope of a synchronous
/// reply, byte for byte; what is not finished stands in it as a poll shows it, and audio that was in the reply and is deleted meanwhile is
/// <c>mediaExpired</c>. Reference audio stands in the request as the UUID of its medium. No key can be in it: a task that holds one is never
/// accepted. White space between the tokens of a long request is not kept.
/// </summary>
internal sealed class GetTaskDetailsHandler(TaskForms forms, ReadOutcomes outcomes, ItemAudio audio, Envelope envelope)
{
    public const string TaskType = "getTaskDetails";

    private static readonly TaskError TooLarge = new(
        ErrorCodes.PayloadTooLarge, "The request of this task is too large to be shown. Fetch its results with getResponse.");

    private static readonly TaskError TooMany = new(
        ErrorCodes.PayloadTooLarge, $"The requests that one answer shows may have {DetailsRoom.Bytes} bytes together. Ask for fewer tasks at a time.");

    private readonly TaskForm _form = forms.Of(TaskType);

    public async Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation)
    {
        if (_form.Check(call.Task.Json) is { Count: > 0 } errors)
        {
            return TaskReply.Failed(errors);
        }

        var tenantId = call.Caller.TenantId;
        var taskUuid = PollTarget.UuidOf(call);

        // The request never changes and is forgotten with its task, so that reading it first leaves no gap.
        if (await outcomes.FindRequestForTenantAsync(tenantId, taskUuid, cancellation) is not { } request)
        {
            return TaskReply.Failed(PollTarget.NotFound);
        }

        if (request.Length == 0 || call.Details?.TryTake(request.Length) == false)
        {
            return TaskReply.Failed(request.Length == 0 ? TooLarge : TooMany);
        }

        return await outcomes.FindForTenantAsync(tenantId, taskUuid, cancellation) is { } outcome
            ? TaskReply.Of(await RenderAsync(call, request, outcome))
            : TaskReply.Failed(PollTarget.NotFound);
    }

    private async Task<ReplyText> RenderAsync(TaskCall call, byte[] request, TaskOutcome outcome)
    {
        var parsed = StrictJson.Parse(request, maxTasks: 1);
        var task = parsed.Tasks?.Single() ?? throw new InvalidOperationException("The stored bytes are no task.");
        var original = new TaskCall(call.Caller, new SentTask(task, call.Sent.ReceivedAt));
        var (items, errors) = await audio.CompleteAsync(outcome, CancellationToken.None);
        if (!outcome.IsFinal)
        {
            items.AddRange(SmallItems.Processing(original, outcome.NumberResults - outcome.Items.Count));
        }

        var response = new ReplyWriter(512);
        envelope.Write(response, [(original, new TaskReply { Items = items, Errors = errors })]);
        var buffer = new ReplyWriter(request.Length + 1024);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("taskType"u8, TaskType);
        json.WriteString("taskUUID"u8, call.TaskUuid);
        json.WriteStartArray("request"u8);
        json.WriteRawValue(request, skipInputValidation: true);
        json.WriteEndArray();
        json.WritePropertyName("response"u8);
        json.Flush();
        buffer.Add(response.ToText());
        json.WriteEndObject();
        json.Flush();
        return buffer.ToText();
    }
}
