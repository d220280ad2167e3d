using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Platform.Engines;
using Platform.Media;

namespace Platform.Bench.Speech;

/// <summary>
/// A speech server on the loopback, written from the documents of vLLM-Omni, SGLang-Omni and OpenAI: their fields, refusals, headers and
/// health page. What it speaks with, and how it fails, is the caller's.
/// </summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private const int SamplesPerToken = 1920;
    private const int Rate = 24_000;

    private readonly WebApplication _app;
    private readonly string _dialect;
    private readonly ServerVoice _voice;
    private readonly Channel<SpeechAsk> _asks = Channel.CreateUnbounded<SpeechAsk>();
    private int _answering;
    private long _answered;

    private LoopbackServer(WebApplication app, string dialect, ServerVoice voice)
    {
        (_app, _dialect, _voice) = (app, dialect, voice);
        app.MapGet("/health", () => Results.StatusCode(IsHealthy ? 200 : 503));
        app.MapGet("/v1/models", () => Results.Json(new { data = new[] { new { id = "qwen3-tts" } } }));
        app.MapPost("/v1/audio/speech", AnswerAsync);
    }

    /// <summary>The address that it listens on.</summary>
    public string Url => _app.Urls.First();

    /// <summary>What <c>/health</c> says.</summary>
    public bool IsHealthy { get; set; } = true;

    /// <summary>The key that it wants as a bearer token; null for none.</summary>
    public string? Key { get; set; }

    /// <summary>Answers in its place, such as with an error; false leaves the request to it.</summary>
    public Func<SpeechAsk, HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>Requests that arrived, in order.</summary>
    public ChannelReader<SpeechAsk> Asks => _asks.Reader;

    /// <summary>Requests that are being answered now.</summary>
    public int Answering => Volatile.Read(ref _answering);

    /// <summary>Requests that were answered, rightly or not.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    public static async Task<LoopbackServer> StartAsync(string dialect, ServerVoice voice, string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Limits.MaxRequestBodySize = 64 * 1024 * 1024);
        var server = new LoopbackServer(builder.Build(), dialect, voice);
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _answering);
        try
        {
            await TryAnswerAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _answering);
            Interlocked.Increment(ref _answered);
        }
    }

    private async Task TryAnswerAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var ask = new SpeechAsk { Body = body!.AsObject() };
        _asks.Writer.TryWrite(ask);
        if (Key is not null && context.Request.Headers.Authorization != $"Bearer {Key}")
        {
            await RefuseAsync(context, 401, "Invalid API key", "invalid_api_key");
        }
        else if (Instead is not { } instead || !await instead(ask, context))
        {
            if (ask.FindFault(_dialect) is { } fault)
            {
                await RefuseAsync(context, 400, fault, "invalid_request_error");
                return;
            }

            await SpeakAsync(context, ask);
        }
    }

    private async Task SpeakAsync(HttpContext context, SpeechAsk ask)
    {
        var samples = await _voice(ask, context.RequestAborted);
        var tokens = (samples.Length + SamplesPerToken - 1) / SamplesPerToken;
        var isCut = _dialect != "openai" && tokens >= ask.MaxNewTokens;
        samples = isCut ? samples[..Math.Min(samples.Length, ask.MaxNewTokens * SamplesPerToken)] : samples;
        context.Response.ContentType = "audio/wav";
        context.Response.Headers["x-request-id"] = "speech-1";
        if (_dialect == "vllm-omni")
        {
            context.Response.Headers["x-vllm-omni-output-tokens"] = $"{Math.Min(tokens, ask.MaxNewTokens)}";
        }
        else if (_dialect == "sglang-omni")
        {
            context.Response.Headers["x-finish-reason"] = isCut ? "length" : "stop";
        }

        await context.Response.Body.WriteAsync(WavEncoder.Encode(new Pcm(samples, Rate)), context.RequestAborted);
    }

    /// <summary>An error in OpenAI's form.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string message, string type)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error = new { message, type, param = (string?)null, code = status } });
    }
}
