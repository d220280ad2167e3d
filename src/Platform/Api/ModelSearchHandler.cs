using System.Buffers;
using System.Text.Json;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Engines;
using Platform.Tasks;

namespace Platform.Api;

/// <summary><c>modelSearch</c>: one item with a page of the catalog.</summary>
internal sealed class ModelSearchHandler(TaskForms forms, SearchModels models, CheckTask check, EngineOffer offer)
{
    public const string TaskType = "modelSearch";

    private readonly TaskForm _form = forms.Of(TaskType);

    public Task<TaskReply> HandleAsync(TaskCall call, CancellationToken cancellation) => Task.FromResult(Answer(call));

    private TaskReply Answer(TaskCall call)
    {
        var task = call.Task.Json;
        if (_form.Check(task) is { Count: > 0 } errors)
        {
            return TaskReply.Failed(errors);
        }

        // Nothing here is somebody's own.
        var (page, total) = _form.Value<string>(task, "visibility") == "private" ? ([], 0) : models.Find(Query(task));
        return TaskReply.Of(Render(call, page, total));
    }

    private ModelQuery Query(JObject task) =>
        new(_form.Value<string>(task, "search"), _form.Value<int>(task, "limit"), _form.Value<int>(task, "offset"))
        {
            Category = _form.Value<string>(task, "category"),
            Architecture = _form.Value<string>(task, "architecture"),
        };

    private byte[] Render(TaskCall call, IReadOnlyList<FoundModel> page, int total)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("taskType"u8, TaskType);
        if (call.TaskUuid is not null)
        {
            json.WriteString("taskUUID"u8, call.TaskUuid);
        }

        json.WriteStartArray("results"u8);
        foreach (var model in page)
        {
            Write(json, model);
        }

        json.WriteEndArray();
        json.WriteNumber("totalResults"u8, total);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter json, FoundModel found)
    {
        var isServed = check.IsServed(found.Model);
        json.WriteStartObject();
        json.WriteString("air"u8, found.Model.Air);
        json.WriteString("name"u8, found.Model.Name);
        json.WriteString("version"u8, found.Version);
        json.WriteString("category"u8, FoundModel.Category);
        json.WriteString("type"u8, "base"u8);
        json.WriteString("architecture"u8, found.Architecture);
        json.WriteStartArray("tags"u8);
        json.WriteStringValue("speech"u8);
        if (!isServed)
        {
            json.WriteStringValue("unavailable"u8);
        }

        json.WriteEndArray();
        json.WriteString("heroImage"u8, ""u8);
        json.WriteBoolean("private"u8, false);
        var note = isServed ? offer.NoteOf(found.Model.Pool) : "Not served here: the operator has set up no engine for it.";
        json.WriteString("comment"u8, note is null ? found.Description : $"{found.Description} {note}");
        json.WriteEndObject();
    }
}
