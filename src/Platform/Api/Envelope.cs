using System.Buffers;
using System.Text.Json;
using Platform.Catalog;
using Platform.Delivery;

namespace Platform.Api;

/// <summary>
/// The frame around all answers of a request: <c>data</c>, <c>errors</c> or both, neither ever present and empty, because an SDK takes an
/// empty <c>errors</c> for a failure and an empty <c>data</c> for no answer.
/// </summary>
internal sealed class Envelope(ErrorJson errors, ErrorTable table)
{
    private static readonly JsonWriterOptions Plain = new()
    {
        SkipValidation = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes one envelope and answers its HTTP status.</summary>
    public int Write(ReplyWriter output, IReadOnlyList<(TaskCall Call, TaskReply Reply)> replies)
    {
        using var json = new Utf8JsonWriter(output, Plain);
        json.WriteStartObject();
        var hasData = replies.Any(static r => r.Reply.Items.Count > 0);
        if (hasData)
        {
            json.WriteStartArray("data"u8);
            foreach (var item in replies.SelectMany(static r => r.Reply.Items))
            {
                json.WriteRawValue(item.Start.Span, skipInputValidation: true);
                if (item.HasAudio)
                {
                    json.Flush();
                    output.Add(item.Rest);
                }
            }

            json.WriteEndArray();
        }

        var firstError = WriteErrors(json, replies);
        json.WriteEndObject();
        return hasData || firstError is null ? StatusCodes.Status200OK : StatusOf(firstError, replies);
    }

    /// <summary>An envelope for an error of the request itself, which has no task.</summary>
    /// <param name="twice">Under <c>error</c> too.</param>
    public int WriteError(IBufferWriter<byte> output, TaskError error, ErrorSubject subject = default, bool twice = false)
    {
        using var json = new Utf8JsonWriter(output, Plain);
        json.WriteStartObject();
        json.WriteStartArray("errors"u8);
        errors.Write(json, error, subject);
        ApiMetrics.Refused(error);
        json.WriteEndArray();
        if (twice)
        {
            json.WritePropertyName("error"u8);
            errors.Write(json, error, subject);
        }

        json.WriteEndObject();
        return table.StatusOf(error.Code);
    }

    // A client sends the whole request again after a status that promises that it may: not when some of its tasks were accepted.
    private int StatusOf(TaskError first, IReadOnlyList<(TaskCall Call, TaskReply Reply)> replies)
    {
        var status = table.StatusOf(first.Code);
        var accepted = replies.FirstOrDefault(static r => r.Reply is { IsAccepted: true, Errors.Count: > 0 }).Reply;
        return status is StatusCodes.Status429TooManyRequests or >= 500 && accepted is not null
            ? table.StatusOf(accepted.Errors[0].Code)
            : status;
    }

    private TaskError? WriteErrors(Utf8JsonWriter json, IReadOnlyList<(TaskCall Call, TaskReply Reply)> replies)
    {
        TaskError? first = null;
        foreach (var (call, reply) in replies)
        {
            var subject = reply.PolledType is { } polled ? call.Subject with { TaskType = polled, IsPoll = true } : call.Subject;
            foreach (var error in reply.Errors)
            {
                if (first is null)
                {
                    first = error;
                    json.WriteStartArray("errors"u8);
                }

                errors.Write(json, error, subject);
                if (!subject.IsPoll)
                {
                    ApiMetrics.Refused(error);
                }
            }
        }

        if (first is not null)
        {
            json.WriteEndArray();
        }

        return first;
    }
}
