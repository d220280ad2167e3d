using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Platform.Outbound;

namespace Platform.Engines.DashScope;

/// <summary>An answer, or why there is none.</summary>
internal readonly record struct DashScopeAnswer(DashScopeReply? Reply, EngineFailure? Failure)
{
    /// <summary>Whether the failure lasts until the operator acts.</summary>
    public bool Alert { get; init; }

    /// <summary>The provider's id of the call, where one came along.</summary>
    public string? RequestId { get; init; }

    /// <summary>The whole answer, for calls that are about voices.</summary>
    public JsonElement Body { get; init; }

    public static DashScopeAnswer Failed(FailureKind kind, string code, string message) =>
        new(null, EngineFailure.Of(kind, "speak", code, message));
}

/// <summary>Calls the provider over HTTP. Every outcome that can be foreseen is a value.</summary>
internal sealed class DashScopeClient(HttpClient http, EngineInstance instance, DashScopeOptions options)
{
    private const string NoAnswer = "The speech provider could not be reached.";
    private const string Unreadable = "The speech provider's answer could not be read.";
    private const string Cut = "The speech provider's answer broke off.";
    private readonly string _base = DashScopeRegions.BaseOf(instance);

    /// <summary>Sends a request and reads its answer, as one body or as a stream.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<DashScopeAnswer> SendAsync(DashScopeRequest request, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var message = MessageOf(request);
            using var response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
            await using var body = new BoundedStream(await response.Content.ReadAsStreamAsync(cancellation), options.MaxBytes, cancellation);
            var isStream = response.Content.Headers.ContentType?.MediaType == "text/event-stream";
            return response.IsSuccessStatusCode && isStream
                ? await new DashScopeStream(started).ReadAsync(body, cancellation)
                : await ReadWholeAsync(response, body, cancellation);
        }
        catch (OutboundException)
        {
            return DashScopeAnswer.Failed(FailureKind.Broken, "tooLarge", "The speech provider's answer is too large.");
        }
        catch (HttpRequestException fault) when (fault.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse)
        {
            return DashScopeAnswer.Failed(FailureKind.Broken, "cut", Cut);
        }
        catch (HttpRequestException)
        {
            return DashScopeAnswer.Failed(FailureKind.Away, "noAnswer", NoAnswer);
        }
        catch (IOException)
        {
            return DashScopeAnswer.Failed(FailureKind.Broken, "cut", Cut);
        }
    }

    private HttpRequestMessage MessageOf(DashScopeRequest request)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, _base + request.Path)
        {
            Content = new StringContent(request.Body.ToJsonString(), Encoding.UTF8, "application/json"),
        };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", instance.ApiKey);
        if (request.IsStream)
        {
            message.Headers.Add("X-DashScope-SSE", "enable");
        }

        if (instance.Workspace.Length > 0)
        {
            message.Headers.Add("X-DashScope-WorkSpace", instance.Workspace);
        }

        return message;
    }

    private static async Task<DashScopeAnswer> ReadWholeAsync(HttpResponseMessage response, Stream body, CancellationToken cancellation)
    {
        var status = (int)response.StatusCode;
        JsonElement root;
        try
        {
            using var document = await JsonDocument.ParseAsync(body, default, cancellation);
            root = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // A page of a gateway; its status is all that it says. A page with a success is no audio.
            return response.IsSuccessStatusCode
                ? DashScopeAnswer.Failed(FailureKind.Broken, "Unknown", Unreadable)
                : Refused(status, "", response, null);
        }

        var code = DashScopeReply.CodeOf(root);
        if (!response.IsSuccessStatusCode || code is not null)
        {
            return Refused(status, code ?? "", response, DashScopeReply.TextOf(root, "request_id"));
        }

        var reply = DashScopeReply.Of(root);
        return new DashScopeAnswer(reply, null) { RequestId = reply.RequestId, Body = root };
    }

    private static DashScopeAnswer Refused(int status, string code, HttpResponseMessage response, string? requestId)
    {
        var (failure, alert) = DashScopeErrors.Of(status, code, response.Headers.RetryAfter?.Delta);
        return new DashScopeAnswer(null, failure) { Alert = alert, RequestId = requestId };
    }
}
