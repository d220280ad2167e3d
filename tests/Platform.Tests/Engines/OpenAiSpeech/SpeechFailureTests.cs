using System.Net;
using Platform.Bench.Speech;
using Platform.Engines;
using Platform.Engines.OpenAiSpeech;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Engines.OpenAiSpeech;

/// <summary>What becomes of everything that a server may answer with.</summary>
public sealed class SpeechFailureTests : IAsyncLifetime
{
    private static readonly SpeechRequest Ask = Requests.Of(Requests.English);
    private LoopbackServer server = null!;
    private IEngine engine = null!;

    public async ValueTask InitializeAsync()
    {
        server = await LoopbackServer.StartAsync("vllm-omni", ServerVoices.Tone(TimeSpan.Zero, TimeSpan.FromSeconds(2)));
        engine = Servers.EngineOf(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData(400, "Rejected", "http-400-invalid_request_error")]
    [InlineData(401, "Misconfigured", "http-401-invalid_request_error")]
    [InlineData(403, "Misconfigured", "http-403-invalid_request_error")]
    [InlineData(404, "Misconfigured", "http-404-invalid_request_error")]
    [InlineData(422, "Rejected", "http-422-invalid_request_error")]
    [InlineData(429, "Busy", "http-429-invalid_request_error")]
    [InlineData(500, "Broken", "http-500-invalid_request_error")]
    [InlineData(502, "Away", "http-502-invalid_request_error")]
    [InlineData(503, "Busy", "http-503-invalid_request_error")]
    [InlineData(504, "Away", "http-504-invalid_request_error")]
    public async Task Knows_what_a_status_means(int status, string kind, string code)
    {
        server.Instead = async (_, context) =>
        {
            await LoopbackServer.RefuseAsync(context, status, $"Refused: {Requests.English}", "invalid_request_error");
            return true;
        };

        var failure = await FailAsync();

        Assert.Equal((Enum.Parse<FailureKind>(kind), code), (failure.Kind, failure.Code));
        Assert.DoesNotContain("fox", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Honours_how_long_a_busy_server_wants_to_be_left_alone()
    {
        server.Instead = async (_, context) =>
        {
            context.Response.Headers.RetryAfter = "17";
            await LoopbackServer.RefuseAsync(context, 429, "slow down", "rate_limit");
            return true;
        };

        Assert.Equal(TimeSpan.FromSeconds(17), (await FailAsync()).RetryAfter);
    }

    [Fact]
    public async Task Tells_an_empty_purse_from_a_busy_server()
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, """{"error":{"message":"x","code":"insufficient_quota"}}"""u8.ToArray(), "application/json", 429);
            return true;
        };

        Assert.Equal(FailureKind.Misconfigured, (await FailAsync()).Kind);
    }

    [Theory]
    [InlineData("text/html", "<html>It works!</html>")]
    [InlineData("application/json", """{"status":"ok"}""")]
    [InlineData("audio/wav", "<html>502 Bad Gateway</html>")]
    [InlineData("audio/wav", "RIFF....WAVEjunk")]
    [InlineData("audio/wav", "")]
    [InlineData("audio/mpeg", "\u00ff\u00fb\u0090\u0000 not what was asked for")]
    public async Task Takes_nothing_for_audio_that_is_none(string type, string body)
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, System.Text.Encoding.Latin1.GetBytes(body), type);
            return true;
        };

        Assert.Equal(SpeechFailures.NotAudio, await FailAsync());
    }

    [Theory]
    [InlineData(24_000, 1, 8)]
    [InlineData(24_000, 2, 16)]
    [InlineData(24_000, 8, 16)]
    [InlineData(44_100, 2, 24)]
    [InlineData(48_000, 1, 32)]
    [InlineData(16_000, 1, 16)]
    [InlineData(8_000, 1, 8)]
    public async Task Understands_other_files_than_were_asked_for(int rate, int channels, int bits)
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, SpeechAnswers.Wave(2, rate, channels, bits));
            return true;
        };

        var audio = await SpeakAsync();

        Assert.Equal(24_000, audio.SampleRate);
        Assert.Equal(2, audio.Duration.TotalSeconds, 0.01);
        Assert.Equal(220, Platform.Tests.Media.Tone.FrequencyOf(audio.Samples.Span, 24_000), 3.0);
        Assert.InRange(audio.Samples.ToArray().Max(), 7000, 8700);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(0)]
    public async Task Refuses_a_file_with_more_channels_than_anything_has(int channels)
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, SpeechAnswers.Header(24_000, channels, 16, 100));
            return true;
        };

        Assert.Equal(SpeechFailures.NotAudio, await FailAsync());
    }

    [Fact]
    public async Task Notices_that_less_came_than_was_promised()
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, [.. SpeechAnswers.Header(24_000, 1, 16, 480_000), .. SpeechAnswers.Wave(1)[44..]]);
            return true;
        };

        Assert.Equal(SpeechFailures.Cut, await FailAsync());
    }

    [Fact]
    public async Task Leaves_what_comes_after_the_samples()
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, [.. SpeechAnswers.Wave(1), .. "LIST\u0004\0\0\0junk"u8]);
            return true;
        };

        Assert.Equal(1, (await SpeakAsync()).Duration.TotalSeconds, 0.001);
    }

    [Fact]
    public async Task Notices_a_connection_that_breaks_in_the_middle()
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.BeginAsync(context, [.. SpeechAnswers.Header(24_000, 1, 16, uint.MaxValue), .. SpeechAnswers.Wave(1)[44..]], thenBreak: true);
            return true;
        };

        Assert.Equal(SpeechFailures.Cut, await FailAsync());
    }

    [Fact]
    public async Task Gives_up_a_server_that_stops_in_the_middle()
    {
        var time = new ManualTime();
        engine = new OpenAiSpeechEngine("gpu_a", Servers.InstanceOf(server.Url), Path.GetTempPath(), time);
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.BeginAsync(context, SpeechAnswers.Header(24_000, 1, 16, uint.MaxValue), thenBreak: false);
            return true;
        };

        var failing = FailAsync();
        await time.WaitForTimersAsync();
        while (!failing.IsCompleted)
        {
            time.Advance(SpeechServerPatience);
            await Task.WhenAny(failing, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        Assert.Equal(SpeechFailures.Stalled, await failing);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_away()
    {
        await server.DisposeAsync();

        Assert.Equal(SpeechFailures.NotReached, await FailAsync());
        Assert.Contains("cannot be reached", await engine.ProbeAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_when_a_server_has_not_loaded_yet()
    {
        server.IsHealthy = false;
        Assert.Equal("/health answers 503.", await engine.ProbeAsync(TestContext.Current.CancellationToken));
        server.IsHealthy = true;
        Assert.Null(await engine.ProbeAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Sends_the_key_and_says_it_nowhere()
    {
        server.Key = "secret-of-the-gpu";
        var refused = await FailAsync();
        Assert.Equal(FailureKind.Misconfigured, refused.Kind);
        Assert.DoesNotContain("secret", refused.ToString(), StringComparison.Ordinal);

        var instance = Servers.InstanceOf(server.Url);
        instance.ApiKey = server.Key;
        engine = new OpenAiSpeechEngine("gpu_a", instance, Path.GetTempPath(), TimeProvider.System);

        Assert.NotEmpty((await SpeakAsync()).Samples.ToArray());
    }

    [Theory]
    [InlineData("""{"error":{"code":"model_not_found","type":"x"}}""", "model_not_found")]
    [InlineData("""{"error":{"code":404,"type":"NotFoundError"}}""", "notfounderror")]
    [InlineData("""{"error":"text of the customer"}""", "")]
    [InlineData("""{"error":{"code":"the text of the customer, with blanks"}}""", "")]
    [InlineData("<html>", "")]
    [InlineData("", "")]
    public void Takes_only_short_codes_from_an_error(string body, string code) =>
        Assert.Equal(code, SpeechFailures.CodeIn(System.Text.Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void A_date_says_how_long_to_wait_as_well()
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
        response.Headers.RetryAfter = new(now.AddSeconds(9));
        Assert.Equal(TimeSpan.FromSeconds(9), SpeechFailures.RetryAfterOf(response, now));
        Assert.Null(SpeechFailures.RetryAfterOf(response, now.AddMinutes(1)));
    }

    private static TimeSpan SpeechServerPatience => SpeechServer.Patience + TimeSpan.FromSeconds(1);

    private async Task<Pcm> SpeakAsync()
    {
        var outcome = await engine.SpeakAsync(Ask, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Audio;
    }

    private async Task<EngineFailure> FailAsync()
    {
        var outcome = await engine.SpeakAsync(Ask, TestContext.Current.CancellationToken).SoonAsync();
        Assert.False(outcome.Succeeded);
        return outcome.Failure;
    }
}
