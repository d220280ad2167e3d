using System.Text.Json;
using Microsoft.Extensions.Options;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Storage;

namespace Platform.Api;

/// <summary>Whose error it is: what an error object says of its task.</summary>
internal readonly record struct ErrorSubject(string? TaskType, string? TaskUuid, bool IsPoll = false)
{
    private const int LongestEcho = 128;

    /// <summary>Of an authentication, which has no <c>taskUUID</c>.</summary>
    public static ErrorSubject Authentication { get; } = new("authentication", null);

    /// <summary>Of a task, as far as what was sent tells.</summary>
    public static ErrorSubject Of(JObject task) => new(TextOf(task, "taskType"), TextOf(task, "taskUUID"));

    // Every error of a task repeats it: a long one, which is no UUID anyway, would make a reply a hundred times as long as the request.
    private static string? TextOf(JObject task, string field) =>
        task[field] is JValue { Value: string text } ? text.Length <= LongestEcho ? text : text[..LongestEcho] : null;
}

/// <summary>Renders errors in the one shape that every transport and every task type uses.</summary>
internal sealed class ErrorJson(IOptions<ApiOptions> api, IOptions<StorageOptions> storage)
{
    private readonly string _documentation = api.Value.DocumentationUrl.Length > 0
        ? api.Value.DocumentationUrl
        : storage.Value.PublicBaseUrl.TrimEnd('/') + ErrorPage.Path;

    /// <summary>A whole envelope with the one error of a speech task, as a webhook posts it.</summary>
    public byte[] RenderEnvelope(TaskError error, string taskUuid)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteStartArray("errors"u8);
        Write(json, error, new ErrorSubject("audioInference", taskUuid, IsPoll: false));
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    public void Write(Utf8JsonWriter json, TaskError error, ErrorSubject subject)
    {
        json.WriteStartObject();
        if (subject.IsPoll)
        {
            json.WriteString("status"u8, "error"u8);
        }

        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        WriteDetails(json, error);
        json.WriteString("documentation"u8, $"{_documentation}#{AnchorOf(error)}");
        if (subject.TaskType is not null)
        {
            json.WriteString("taskType"u8, subject.TaskType);
        }

        if (subject.TaskUuid is not null)
        {
            json.WriteString("taskUUID"u8, subject.TaskUuid);
        }

        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, TaskError error)
    {
        if (error.Parameter is not null)
        {
            json.WriteString("parameter"u8, error.Parameter);
        }

        if (error.Type is not null)
        {
            json.WriteString("type"u8, error.Type);
        }

        if (error.AllowedValues is { } allowed)
        {
            WriteAllowed(json, allowed, areNumbers: error.Type is "integer" or "number");
        }

        if (error.Min is { } min)
        {
            json.WriteNumber("min"u8, min);
        }

        if (error.Max is { } max)
        {
            json.WriteNumber("max"u8, max);
        }
    }

    private static void WriteAllowed(Utf8JsonWriter json, IReadOnlyList<string> allowed, bool areNumbers)
    {
        json.WriteStartArray("allowedValues"u8);
        foreach (var value in allowed)
        {
            if (areNumbers)
            {
                json.WriteRawValue(value);
            }
            else
            {
                json.WriteStringValue(value);
            }
        }

        json.WriteEndArray();
    }

    // The SDKs' own form where a field is at fault, else the code.
    private static string AnchorOf(TaskError error) => error.Parameter is { } parameter
        ? "request-" + parameter.Replace('.', '-').ToLowerInvariant()
        : error.Code;
}
