using Microsoft.AspNetCore.Http;
using Platform.Engines;
using Platform.Engines.DashScope;
using Platform.Media;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Engines.LongText;
using Xunit;

namespace Platform.Tests.Engines.DashScope;

/// <summary>Every error that the documents name, and answers that are none.</summary>
public sealed class DashScopeFailureTests : IAsyncLifetime
{
    private FakeDashScope provider = null!;

    public async ValueTask InitializeAsync()
    {
        provider = await FakeDashScope.StartAsync();
        provider.Speak = static (_, _) => Task.FromResult(JoinSpeechTests.Voice(0.2, 0, 0));
    }

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    [Theory]
    [InlineData(400, "InvalidParameter", nameof(FailureKind.Rejected), 1)]
    [InlineData(400, "InvalidParameter.NotSupportEnum", nameof(FailureKind.Rejected), 1)]
    [InlineData(400, "BadRequest.EmptyInput", nameof(FailureKind.Rejected), 1)]
    [InlineData(400, "InvalidURL", nameof(FailureKind.Rejected), 1)]
    [InlineData(400, "UnsupportedOperation", nameof(FailureKind.Rejected), 1)]
    [InlineData(400, "SomethingNew", nameof(FailureKind.Rejected), 1)]
    [InlineData(400, "DataInspectionFailed", nameof(FailureKind.ContentRefused), 1)]
    [InlineData(400, "Arrearage", nameof(FailureKind.Misconfigured), 1)]
    [InlineData(401, "InvalidApiKey", nameof(FailureKind.Misconfigured), 1)]
    [InlineData(403, "AccessDenied", nameof(FailureKind.Misconfigured), 1)]
    [InlineData(403, "Model.AccessDenied", nameof(FailureKind.Misconfigured), 1)]
    [InlineData(404, "ModelNotFound", nameof(FailureKind.Misconfigured), 1)]
    [InlineData(404, "NotFound", nameof(FailureKind.Misconfigured), 1)]
    [InlineData(429, "Throttling.RateQuota", nameof(FailureKind.Busy), 1)]
    [InlineData(429, "Throttling.AllocationQuota", nameof(FailureKind.Busy), 1)]
    [InlineData(429, "insufficient_quota", nameof(FailureKind.Busy), 1)]
    [InlineData(500, "InternalError", nameof(FailureKind.Away), 1)]
    [InlineData(500, "InternalError.Algo", nameof(FailureKind.Broken), 2)]
    [InlineData(503, "ModelServingError", nameof(FailureKind.Away), 1)]
    [InlineData(504, "RequestTimeOut", nameof(FailureKind.Broken), 2)]
    public async Task Says_what_each_documented_error_means(int status, string code, string kind, int calls)
    {
        provider.Instead = async (_, context) =>
        {
            await FakeDashScope.RefuseAsync(context, status, code);
            return true;
        };
        var failure = await FailAsync(provider.Engine());

        Assert.Equal((kind, code, calls), ($"{failure.Kind}", failure.Code, provider.Bodies.Count));
        Assert.DoesNotContain("secret words", failure.Message, StringComparison.Ordinal);

        // The same as an event of a stream, which has no status of its own.
        provider.Instead = async (_, context) =>
        {
            context.Response.ContentType = "text/event-stream";
            var error = $$"""{"code":"{{code}}","message":"x","request_id":"r"}""";
            await context.SendAsync($"id:1\n event : error \n:HTTP_STATUS/{status}\ndata: {error}\n\n");
            return true;
        };
        var streamed = await FailAsync(provider.Engine(options: options => options.Stream = true));
        Assert.Equal(code, streamed.Code);
        Assert.True($"{streamed.Kind}" == kind || code is "SomethingNew" or "NotFound" or "ModelServingError", streamed.ToString());
    }

    [Fact]
    public void Knows_who_has_to_act()
    {
        Assert.True(DashScopeErrors.Of(400, "Arrearage").Alert);
        Assert.True(DashScopeErrors.Of(401, "").Alert);
        Assert.True(DashScopeErrors.Of(429, "insufficient_quota").Alert);
        Assert.False(DashScopeErrors.Of(429, "Throttling.RateQuota").Alert);
        Assert.False(DashScopeErrors.Of(400, "DataInspectionFailed").Alert);
        Assert.Equal(TimeSpan.FromSeconds(7), DashScopeErrors.Of(429, "Throttling", TimeSpan.FromSeconds(7)).Failure.RetryAfter);

        // What a proxy writes into the code is no name of ours.
        Assert.Equal("http418", DashScopeErrors.Of(418, "the text was: hello").Failure.Code);
        Assert.All(DashScopeErrors.Table, row => Assert.True(row.Code is null != row.Status is null));
    }

    [Fact]
    public async Task Passes_on_how_long_it_is_asked_to_wait()
    {
        provider.Instead = async (_, context) =>
        {
            context.Response.Headers.RetryAfter = "3";
            await FakeDashScope.RefuseAsync(context, 429, "Throttling.RateQuota");
            return true;
        };
        Assert.Equal(TimeSpan.FromSeconds(3), (await FailAsync(provider.Engine())).RetryAfter);
    }

    [Theory]
    [InlineData(200, "<html>maintenance</html>", nameof(FailureKind.Broken), "Unknown")]
    [InlineData(200, "", nameof(FailureKind.Broken), "Unknown")]
    [InlineData(200, "[]", nameof(FailureKind.Broken), "noAudio")]
    [InlineData(200, "\"fine\"", nameof(FailureKind.Broken), "noAudio")]
    [InlineData(200, "{\"output\":{}}", nameof(FailureKind.Broken), "noAudio")]
    [InlineData(200, "{\"output\":{\"audio\":{\"data\":\"\",\"url\":\"\"}}}", nameof(FailureKind.Broken), "noAudio")]
    [InlineData(200, "{\"output\":{\"audio\":{\"data\":\"%%%\"}}}", nameof(FailureKind.Broken), "noAudio")]
    [InlineData(200, "{\"output\":{\"audio\":{\"data\":\"aGVsbG8=\"}}}", nameof(FailureKind.Broken), "noAudio")]
    [InlineData(200, "{\"code\":\"InvalidParameter\",\"message\":\"in a success\"}", nameof(FailureKind.Rejected), "InvalidParameter")]
    [InlineData(502, "<html>bad gateway</html>", nameof(FailureKind.Away), "http502")]
    [InlineData(429, "slow down", nameof(FailureKind.Busy), "http429")]
    [InlineData(400, "{\"msg\":\"no code\"}", nameof(FailureKind.Rejected), "http400")]
    [InlineData(302, "", nameof(FailureKind.Broken), "http302")]
    public async Task Takes_no_answer_for_audio_that_is_none(int status, string body, string kind, string code)
    {
        provider.Instead = async (_, context) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://127.0.0.1:1/";
            await context.SendAsync(body);
            return true;
        };
        var failure = await FailAsync(provider.Engine());
        Assert.Equal((kind, code), ($"{failure.Kind}", failure.Code));
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("forbidden")]
    [InlineData("page")]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("too large")]
    [InlineData("redirect")]
    public async Task An_address_that_gives_no_whole_audio_is_a_failure_that_may_pass(string fault)
    {
        provider.InsteadOfAudio = (_, context) => SpoilAsync(context, fault);
        var failure = await FailAsync(provider.Engine(options: options => options.MaxBytes = 1_000_000));
        Assert.Equal(FailureKind.Broken, failure.Kind);
        Assert.True(failure.RetryHelps);
        Assert.Equal(2, provider.Bodies.Count);
    }

    [Fact]
    public async Task Finished_audio_is_fetched_again_rather_than_made_again()
    {
        provider.InsteadOfAudio = async (number, context) =>
        {
            if (number < 3)
            {
                context.Response.StatusCode = 503;
                await context.SendAsync("busy");
            }

            return number < 3;
        };
        var outcome = await provider.Engine().SpeakAsync(Ask(), TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        Assert.Single(provider.Bodies);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://127.0.0.1.evil.example/a.wav")]
    [InlineData("http://user:pw@127.0.0.1/a.wav")]
    [InlineData("http://aliyuncs.com.evil.example/a.wav")]
    [InlineData("https://evilaliyuncs.com/a.wav")]
    public async Task Audio_is_fetched_from_the_providers_hosts_alone(string address)
    {
        provider.Instead = async (_, context) =>
        {
            await context.SendJsonAsync(FakeDashScope.Reply(address, "x"));
            return true;
        };
        var engine = provider.Engine(options: options => options.AudioHosts.Add("aliyuncs.com"));
        Assert.Equal("audioHost", (await FailAsync(engine)).Code);
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_is_away()
    {
        var engine = provider.Engine(instance => instance.Url = "http://127.0.0.1:1");
        var failure = await FailAsync(engine);
        Assert.Equal((FailureKind.Away, true), (failure.Kind, failure.IsAbsence));
    }

    [Fact]
    public async Task A_caller_that_gives_up_ends_the_call()
    {
        using var stop = new CancellationTokenSource();
        var arrived = new TaskCompletionSource();
        provider.Instead = async (_, context) =>
        {
            arrived.SetResult();
            var gone = new TaskCompletionSource();
            await using var registration = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
            return true;
        };
        var call = provider.Engine().SpeakAsync(Ask(), stop.Token);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    private static async Task<bool> SpoilAsync(HttpContext context, string fault)
    {
        var file = WavEncoder.Encode(JoinSpeechTests.Voice(0.5, 0, 0)).ToArray();
        switch (fault)
        {
            case "gone":
                context.Response.StatusCode = 404;
                break;
            case "forbidden":
                context.Response.StatusCode = 403;
                await context.SendAsync("<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>");
                break;
            case "page":
                await context.SendAsync("<html>hello</html>");
                break;
            case "cut":
                // Without a length of its own, the file's header alone says that something is missing.
                await context.SendAsync(file.AsMemory(0, file.Length / 2));
                break;
            case "too large":
                await context.SendAsync(new byte[1_500_000]);
                break;
            case "redirect":
                context.Response.Redirect("http://127.0.0.1:1/a.wav");
                break;
            default:
                break;
        }

        return true;
    }

    private static SpeechRequest Ask() => Requests.Of("Hello there.", "cherry") with { Model = "alibaba:qwen@3-tts-flash" };

    private static async Task<EngineFailure> FailAsync(DashScopeEngine engine)
    {
        var outcome = await engine.SpeakAsync(Ask(), TestContext.Current.CancellationToken);
        Assert.False(outcome.Succeeded);
        return outcome.Failure;
    }
}
