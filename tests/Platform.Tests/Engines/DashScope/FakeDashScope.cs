using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Engines;
using Platform.Engines.DashScope;
using Platform.Media;
using Platform.Tests.Catalog;
using Platform.Tests.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.DashScope;

/// <summary>
/// The provider, written from its documents: it speaks with espeak-ng, holds the documented limit, answers with an address or in pieces, keeps
/// voices, and does whatever a test tells it instead.
/// </summary>
internal sealed class FakeDashScope : IAsyncDisposable
{
    public const string Key = "sk-test";
    private const string Generation = "/api/v1/services/aigc/multimodal-generation/generation";
    private const string Cosy = "/api/v1/services/audio/tts/SpeechSynthesizer";
    private const string Customization = "/api/v1/services/audio/tts/customization";
    private const int Limit = 600;

    private readonly WebApplication app;
    private readonly List<(string Path, JsonObject Body, IHeaderDictionary Headers)> calls = [];
    private int audios;

    private FakeDashScope(WebApplication app) => this.app = app;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Takes a call before the usual answer does; true when it has answered.</summary>
    public Func<JsonObject, HttpContext, Task<bool>>? Instead { get; set; }

    /// <summary>The same for the fetching of finished audio, by the number of the fetch.</summary>
    public Func<int, HttpContext, Task<bool>>? InsteadOfAudio { get; set; }

    /// <summary>How a text sounds; the voice as it was sent.</summary>
    public Func<string, string, Task<Pcm>> Speak { get; set; } = SpeakAsync;

    public FakeVoices Voices { get; } = new();

    /// <summary>The bodies that came, without those about voices.</summary>
    public IReadOnlyList<JsonObject> Bodies
    {
        get
        {
            lock (calls)
            {
                return [.. calls.Where(call => call.Path != Customization).Select(call => call.Body)];
            }
        }
    }

    public IHeaderDictionary LastHeaders
    {
        get
        {
            lock (calls)
            {
                return calls[^1].Headers;
            }
        }
    }

    public static async Task<FakeDashScope> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var fake = new FakeDashScope(builder.Build());
        fake.app.MapPost(Generation, (RequestDelegate)fake.HandleAsync);
        fake.app.MapPost(Cosy, (RequestDelegate)fake.HandleAsync);
        fake.app.MapPost(Customization, (RequestDelegate)fake.HandleAsync);
        fake.app.MapGet("/audio/{text}", (RequestDelegate)fake.HandAsync);
        await fake.app.StartAsync();
        var addresses = fake.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        fake.Address = new Uri(addresses.Addresses.Single());
        return fake;
    }

    /// <summary>An engine in front of this provider.</summary>
    public DashScopeEngine Engine(Action<EngineInstance>? change = null, Action<DashScopeOptions>? options = null) => Make(
        "provider", "beijing", instance =>
        {
            instance.Url = Address.OriginalString;
            change?.Invoke(instance);
        }, options);

    /// <summary>An engine that nobody calls: what it serves is a matter of its settings.</summary>
    public static DashScopeEngine Offline(string region, Action<EngineInstance>? change = null) => Make("provider", region, change, null);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private static DashScopeEngine Make(string name, string region, Action<EngineInstance>? change, Action<DashScopeOptions>? options)
    {
        var instance = new EngineInstance { Kind = "dashscope", Region = region, ApiKey = Key };
        change?.Invoke(instance);
        var set = new DashScopeOptions();
        set.AudioHosts.Add("127.0.0.1");
        options?.Invoke(set);
        var voices = new ProviderVoices((model, voice) => SampleTask.Voices.Find(model, SampleTask.Voices.Resolve(model, voice))?.Sent);
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
        return new DashScopeEngine(name, instance, set, voices, (http, NullLogger<DashScopeEngine>.Instance));
    }

    private static async Task<Pcm> SpeakAsync(string text, string voice)
    {
        var known = voice.ToLowerInvariant().Replace(' ', '_');
        var name = SampleTask.Voices.Find(SampleTask.Air, known) is null ? "aiden" : known;
        var outcome = await Requests.Engine.SpeakAsync(Requests.Of(text, name, "Auto"), CancellationToken.None);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Audio;
    }

    private async Task HandleAsync(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        lock (calls)
        {
            // A copy: the server uses its own again for the next request.
            calls.Add((context.Request.Path, body, new HeaderDictionary(
                context.Request.Headers.ToDictionary(static one => one.Key, static one => one.Value, StringComparer.OrdinalIgnoreCase))));
        }

        if (Instead is { } instead && await instead(body, context))
        {
            return;
        }

        if (context.Request.Headers.Authorization != $"Bearer {Key}")
        {
            await RefuseAsync(context, 401, "InvalidApiKey");
        }
        else if (context.Request.Path == Customization)
        {
            await Voices.AnswerAsync(body, context);
        }
        else
        {
            await SpeakAsync(body, context);
        }
    }

    private async Task SpeakAsync(JsonObject body, HttpContext context)
    {
        var input = body["input"]!.AsObject();
        var text = (string)input["text"]!;
        var voice = (string?)input["voice"] ?? (string)input["voice_setting"]!["voice_id"]!;
        if (text.EnumerateRunes().Count() > Limit && ((string)body["model"]!).StartsWith("qwen", StringComparison.Ordinal))
        {
            await RefuseAsync(context, 400, "InvalidParameter");
            return;
        }

        var audio = await Speak(text, voice);
        if (context.Request.Headers["X-DashScope-SSE"] == "enable")
        {
            await StreamAsync(context, audio, text);
            return;
        }

        var file = WavEncoder.Encode(audio).ToArray();
        await context.Response.WriteAsJsonAsync(Reply(KeepAudio(file), text));
    }

    private readonly Dictionary<string, byte[]> kept = new(StringComparer.Ordinal);

    /// <summary>An address under which a file can be fetched.</summary>
    public string KeepAudio(byte[] file)
    {
        var name = $"{Interlocked.Increment(ref audios)}.wav";
        lock (kept)
        {
            kept[name] = file;
        }

        return $"{Address.OriginalString}/audio/{name}?Expires=1766113409&Signature=secret";
    }

    /// <summary>The answer of the documents.</summary>
    public static JsonObject Reply(string? url, string text, string? data = "", string finish = "stop") => new()
    {
        ["request_id"] = $"req-{text.Length}",
        ["output"] = new JsonObject
        {
            ["text"] = null,
            ["finish_reason"] = finish,
            ["choices"] = null,
            ["audio"] = new JsonObject { ["data"] = data, ["url"] = url ?? "", ["id"] = "audio_1", ["expires_at"] = 1766113409 },
        },
        ["usage"] = new JsonObject { ["input_tokens"] = 0, ["output_tokens"] = 0, ["characters"] = text.EnumerateRunes().Count() },
        ["code"] = "",
        ["message"] = "",
    };

    private static async Task StreamAsync(HttpContext context, Pcm audio, string text)
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        var bytes = MemoryMarshal.AsBytes(audio.Samples.Span).ToArray();
        var id = 0;
        foreach (var piece in bytes.Chunk(9_600))
        {
            await context.Response.WriteAsync(Event(++id, Reply(null, text, Convert.ToBase64String(piece), "null")));
        }

        await context.Response.WriteAsync(Event(++id, Reply("http://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/1.wav", text)));
    }

    public static string Event(int id, JsonObject data) => $"id:{id}\nevent:result\n:HTTP_STATUS/200\ndata:{data.ToJsonString()}\n\n";

    public static Task RefuseAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new JsonObject
        {
            ["code"] = code, ["message"] = "No: the text was 'secret words'.", ["request_id"] = "req-no",
        });
    }

    private int fetches;

    private async Task HandAsync(HttpContext context)
    {
        if (InsteadOfAudio is { } instead && await instead(Interlocked.Increment(ref fetches), context))
        {
            return;
        }

        byte[] file;
        lock (kept)
        {
            file = kept[(string)context.Request.RouteValues["text"]!];
        }

        context.Response.ContentLength = file.Length;
        await context.Response.Body.WriteAsync(file);
    }
}
