using System.Buffers;
using System.Text.Json;
using Platform.Api.Lists;
using Platform.Catalog;

namespace Platform.Api.Own;

/// <summary>Errors of a read, in the envelope of <c>/v1</c>.</summary>
internal sealed class OwnErrors(ErrorJson errors, ErrorTable table)
{
    public IResult Result(IReadOnlyList<TaskError> all) => new ErrorsResult(Render(all), table.StatusOf(all[0].Code), all[0].RetryAfterSeconds);

    private ReadOnlyMemory<byte> Render(IReadOnlyList<TaskError> all)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = AnswerJson.Options.Encoder });
        json.WriteStartObject();
        json.WriteStartArray("errors"u8);
        foreach (var error in all)
        {
            errors.Write(json, error, new ErrorSubject(null, null, IsPoll: false));
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenMemory;
    }

    private sealed class ErrorsResult(ReadOnlyMemory<byte> body, int status, int? retryAfter) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => V1Endpoint.SendAsync(httpContext, status, body, retryAfter);
    }
}
