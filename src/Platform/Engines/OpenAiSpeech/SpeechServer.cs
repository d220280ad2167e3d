using System.Net.Http.Headers;
using Platform.Media;

namespace Platform.Engines.OpenAiSpeech;

/// <summary>
/// The HTTP side of one server. Its address is the operator's setting and may be private, so these calls do not go through the guard for
/// customers' addresses. The key is sent and never shown.
/// </summary>
internal sealed class SpeechServer : IDisposable
{
    /// <summary>How long a server that has begun its answer may say nothing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private const int LongestError = 64 * 1024;
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(3);

    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly Uri _speech;
    private readonly Uri _health;
    private readonly Uri _models;

    public SpeechServer(EngineInstance instance, TimeProvider time)
    {
        _time = time;
        // Given with or without the /v1 that OpenAI's own clients want to have in it.
        var root = instance.Url.TrimEnd('/');
        root = root.EndsWith("/v1", StringComparison.Ordinal) ? root[..^3] : root;
        (_speech, _health, _models) = (new Uri(root + "/v1/audio/speech"), new Uri(root + "/health"), new Uri(root + "/v1/models"));
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            MaxConnectionsPerServer = instance.Concurrency + 2,
            AllowAutoRedirect = false,
            UseCookies = false,
        })
        {
            // A call has the time that its pool gives it.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (instance.ApiKey.Length > 0)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", instance.ApiKey);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Sends a request; the answer's body is still to be read.</summary>
    public async Task<HttpResponseMessage> PostAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, _speech) { Content = new ReadOnlyMemoryContent(body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    /// <summary>What an answer says that is no audio; null when it may be audio.</summary>
    public async Task<EngineFailure?> FailureOfAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        var isText = answer.Content.Headers.ContentType?.MediaType is { } type
            && (type.StartsWith("text/", StringComparison.Ordinal) || type.EndsWith("json", StringComparison.Ordinal));
        if (answer.IsSuccessStatusCode)
        {
            return isText ? SpeechFailures.NotAudio : null;
        }

        var code = SpeechFailures.CodeIn((await ReadErrorAsync(answer, cancellation)).Span);
        return SpeechFailures.OfStatus(answer.StatusCode, code, SpeechFailures.RetryAfterOf(answer, _time.GetUtcNow()));
    }

    /// <summary>What a broken call means; null for what is none of the server's doing.</summary>
    public static EngineFailure? FailureOf(Exception fault) => fault switch
    {
        SpoolException => SpeechFailures.Spool,
        TimeoutException => SpeechFailures.Stalled,
        // Nothing was sent yet. Of an answer that broke off nobody knows whether this request broke the server.
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError } => SpeechFailures.NotReached,
        HttpRequestException or IOException => SpeechFailures.Cut,
        _ => null,
    };

    /// <summary>Asks for the server's health. Null when it would take work, else why not.</summary>
    public async Task<string?> ProbeAsync(CancellationToken cancellation)
    {
        // A server that has no such page answers what models it has once it has loaded one.
        var fault = await AskAsync(_health, cancellation);
        return fault is null || !fault.Contains("404", StringComparison.Ordinal) ? fault : await AskAsync(_models, cancellation);
    }

    private async Task<string?> AskAsync(Uri page, CancellationToken cancellation)
    {
        using var end = new CancellationTokenSource(ProbePatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellation);
        try
        {
            using var answer = await _client.GetAsync(page, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return answer.IsSuccessStatusCode ? null : $"{page.AbsolutePath} answers {(int)answer.StatusCode}.";
        }
        catch (HttpRequestException fault)
        {
            return $"It cannot be reached ({fault.HttpRequestError}).";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"{page.AbsolutePath} does not answer within {ProbePatience.TotalSeconds:0} s.";
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadErrorAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellation);
        var body = new byte[LongestError];
        return body.AsMemory(0, await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation));
    }
}

/// <summary>What the headers of an answer tell.</summary>
internal sealed class SpeechAnswer(HttpResponseMessage answer)
{
    /// <summary>The audio of one token.</summary>
    public static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(80);

    public string? RequestId { get; } = Header(answer, "x-request-id") is { Length: <= 128 } id ? id : null;

    /// <summary>vLLM-Omni counts the tokens that it made; null for others.</summary>
    public long? OutputTokens { get; } = long.TryParse(Header(answer, "x-vllm-omni-output-tokens"), out var tokens) && tokens >= 0 ? tokens : null;

    /// <summary>Whether the server says that it stopped at the cap. CustomVoice checkpoints give the cut audio without an error.</summary>
    public bool SaysCapHit(int cap) => OutputTokens >= cap || Header(answer, "x-finish-reason") is "length";

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
