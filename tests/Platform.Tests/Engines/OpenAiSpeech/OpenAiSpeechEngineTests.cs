using Platform.Bench.Speech;
using Platform.Engines;
using Platform.Engines.OpenAiSpeech;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Engines.OpenAiSpeech;

public sealed class OpenAiSpeechEngineTests : IAsyncLifetime
{
    private LoopbackServer server = null!;
    private OpenAiSpeechEngine engine = null!;

    public async ValueTask InitializeAsync()
    {
        server = await LoopbackServer.StartAsync("vllm-omni", ServerVoices.Tone(TimeSpan.Zero, TimeSpan.FromSeconds(2)));
        engine = Servers.EngineOf(server);
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Asks_a_custom_voice_for_one_wave_file_at_its_own_pace()
    {
        await SpeakAsync(Requests.Of("Hello.", "serena", "German", speed: 2) with { Prompt = "Whisper.", Seed = 5, MaxNewTokens = 300 });

        Assert.Equal(
            """{"input":"Hello.","voice":"serena","response_format":"wav","task_type":"CustomVoice","language":"German","max_new_tokens":300,"""
            + "\"seed\":5,\"instructions\":\"Whisper.\"}",
            (await NextAsync()).Body.ToJsonString());
    }

    [Fact]
    public async Task Sends_a_recording_with_its_transcript_and_no_voice_beside_it()
    {
        await SpeakAsync(Clone(new ReferenceAudio(new Pcm(new short[24_000], 24_000), "What is said.")));

        var ask = await NextAsync();
        Assert.Equal(("Base", "What is said.", false), (ask.Task, ask.Transcript!, ask.TimbreOnly));
        Assert.Null(ask.Voice);
        Assert.StartsWith("data:audio/wav;base64,UklGR", ask.Reference, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_for_the_timbre_alone_in_the_words_of_the_dialect()
    {
        await SpeakAsync(Clone(new ReferenceAudio(new Pcm(new short[24_000], 24_000), "What is said.")) with { XVectorOnly = true });
        var ask = await NextAsync();
        Assert.Null(ask.Transcript);
        Assert.True(ask.TimbreOnly);

        engine = Servers.EngineOf(server, "sglang-omni");
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, SpeechAnswers.Wave(2));
            return true;
        };
        await SpeakAsync(Clone(new ReferenceAudio(new Pcm(new short[24_000], 24_000), "What is said.")) with { XVectorOnly = true });
        Assert.False((await NextAsync()).Body.ContainsKey("x_vector_only_mode"));
    }

    [Fact]
    public async Task Describes_a_voice_to_a_model_that_designs_one()
    {
        Assert.True(engine.Serves(Servers.VoiceDesign, "auto"));
        await SpeakAsync(Requests.Of("Hello.", "auto") with { Model = Servers.VoiceDesign, Prompt = "A warm old voice." });

        var ask = await NextAsync();
        Assert.Equal(("VoiceDesign", "A warm old voice."), (ask.Task, ask.Instructions!));
        Assert.Null(ask.Voice);
    }

    [Fact]
    public async Task Tells_a_plain_server_only_what_it_knows()
    {
        engine = Servers.EngineOf(server, "openai");
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, SpeechAnswers.Wave(2));
            return true;
        };

        await SpeakAsync(Requests.Of("Hello.", "vivian") with { Prompt = "Whisper." });

        Assert.Equal(
            """{"model":"tts-1","input":"Hello.","voice":"echo","response_format":"wav","instructions":"Whisper."}""",
            (await NextAsync()).Body.ToJsonString());
    }

    [Theory]
    [InlineData("auto", "English", "ryan")]
    [InlineData("auto", "Chinese", "vivian")]
    [InlineData("auto", "Japanese", "ono_anna")]
    [InlineData("auto", "Auto", "ryan")]
    [InlineData("uncle_fu", "English", "uncle_fu")]
    public async Task Leaves_no_voice_open(string voice, string language, string sent)
    {
        await SpeakAsync(Requests.Of("This is the house that Jack built.", voice, language));
        Assert.Equal(sent, (await NextAsync()).Voice);
    }

    [Fact]
    public async Task A_clone_without_a_recording_never_reaches_the_server()
    {
        var outcome = await engine.SpeakAsync(Clone(null), TestContext.Current.CancellationToken);
        Assert.Equal(SpeechFailures.NoReference, outcome.Failure);
        Assert.False(server.Asks.TryRead(out _));
    }

    [Theory]
    [InlineData("...")]
    [InlineData("😀 🎉")]
    [InlineData(" \n ")]
    public async Task A_text_without_words_is_a_pause_and_never_reaches_the_server(string text)
    {
        var outcome = await SpeakAsync(Requests.Of(text));
        Assert.Equal(0.25, outcome.Audio!.Duration.TotalSeconds, 0.001);
        Assert.False(server.Asks.TryRead(out _));
    }

    [Fact]
    public async Task A_cap_that_cuts_a_long_text_is_reported_and_the_audio_is_given()
    {
        server.Instead = async (_, context) =>
        {
            context.Response.Headers["x-vllm-omni-output-tokens"] = "25";
            await SpeechAnswers.SendAsync(context, SpeechAnswers.Wave(1.9));
            return true;
        };

        var outcome = await SpeakAsync(Requests.Of(Requests.English) with { MaxNewTokens = 25 });

        Assert.True(outcome.CapHit);
        Assert.Equal((25L, 0), (outcome.Usage.OutputTokens!.Value, outcome.Usage.Retries));
    }

    [Fact]
    public async Task A_generation_that_lost_its_end_is_made_again_with_other_seeds()
    {
        var calls = 0;
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, SpeechAnswers.Wave(++calls < 3 ? 40 : 2));
            return true;
        };

        var outcome = await SpeakAsync(Requests.Of("Hello.") with { Seed = 9, MaxNewTokens = 500 });

        Assert.Equal((2, false, 2.0), (outcome.Usage.Retries, outcome.CapHit, outcome.Audio!.Duration.TotalSeconds));
        long[] seeds = [(await NextAsync()).Seed, (await NextAsync()).Seed, (await NextAsync()).Seed];
        Assert.Equal([9, Runaway.SeedOf(9, 1), Runaway.SeedOf(9, 2)], seeds);
    }

    [Fact]
    public async Task A_text_that_never_ends_is_given_up_after_three_seeds_and_not_tried_again()
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, SpeechAnswers.Wave(40));
            return true;
        };

        var outcome = await engine.SpeakAsync(Requests.Of("Hello.") with { MaxNewTokens = 500 }, TestContext.Current.CancellationToken);

        Assert.Equal(SpeechFailures.Runaway, outcome.Failure);
        Assert.Equal((FailureKind.Rejected, 2), (outcome.Failure!.Kind, outcome.Usage.Retries));
        Assert.Equal(3, server.Asks.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Silence_in_place_of_words_is_made_again_and_given_up(double seconds)
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendAsync(context, [.. SpeechAnswers.Header(24_000, 1, 16, (uint)(seconds * 48_000)), .. new byte[(int)(seconds * 48_000)]]);
            return true;
        };

        var outcome = await engine.SpeakAsync(Requests.Of("Hello."), TestContext.Current.CancellationToken);

        Assert.Equal(SpeechFailures.Silent, outcome.Failure);
        Assert.Equal(3, server.Asks.Count);
    }

    [Fact]
    public async Task A_server_that_never_stops_is_hung_up_on_at_the_cap()
    {
        var taken = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Instead = async (_, context) =>
        {
            taken.TrySetResult(await SpeechAnswers.SendForeverAsync(context));
            return true;
        };

        var outcome = await SpeakAsync(Requests.Of(Requests.English) with { MaxNewTokens = 100 });

        Assert.True(outcome.CapHit);
        Assert.Equal(8, outcome.Audio!.Duration.TotalSeconds, 0.01);
        // 8 s are 384,000 bytes; the rest is what the sockets and pipes between the two hold.
        Assert.InRange(await taken.Task.SoonAsync(), 384_000, 16_000_000);
    }

    [Fact]
    public async Task Twenty_minutes_of_a_server_that_never_stops_lie_in_a_file_and_not_in_memory()
    {
        server.Instead = async (_, context) =>
        {
            await SpeechAnswers.SendForeverAsync(context);
            return true;
        };
        var text = string.Concat(Enumerable.Repeat("This is a sentence of forty characters. ", 50));

        var outcome = await SpeakAsync(Requests.Of(text, speed: 0.25m) with { MaxNewTokens = 4096 });

        Assert.True(outcome.CapHit);
        using var owner = outcome.Audio!.Owner;
        Assert.NotNull(owner);
        Assert.InRange(outcome.Audio.Duration.TotalSeconds, 1300, 1320);
    }

    [Fact]
    public async Task Tells_what_the_server_tells_of_the_call()
    {
        var usage = (await SpeakAsync(Requests.Of("Hello."))).Usage;
        Assert.Equal(("speech-1", 25L, 0), (usage.ProviderRequestId!, usage.OutputTokens!.Value, usage.Retries));
        Assert.True(usage.FirstAudio > TimeSpan.Zero);
    }

    [Fact]
    public async Task Hanging_up_ends_the_servers_work()
    {
        using var stop = new CancellationTokenSource();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Instead = async (_, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            ended.SetResult();
            return true;
        };
        var call = engine.SpeakAsync(Requests.Of("Hello."), stop.Token);
        await NextAsync();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await ended.Task.SoonAsync();
    }

    [Theory]
    [InlineData("Hello.", 11, false)]
    [InlineData("Hello.", 20, true)]
    [InlineData("今天天气很好", 15, false)]
    [InlineData("今天天气很好", 20, true)]
    [InlineData("0123456789", 19, false)]
    public void Knows_a_runaway_from_a_slow_voice(string text, double seconds, bool isRunaway) =>
        Assert.Equal(isRunaway, Runaway.Is(text, TimeSpan.FromSeconds(seconds)));

    private static SpeechRequest Clone(ReferenceAudio? reference) =>
        Requests.Of("Hello.", "clone") with { Model = Servers.Base, Reference = reference };

    private async Task<SpeechAsk> NextAsync() => await server.Asks.ReadAsync(TestContext.Current.CancellationToken).AsTask().SoonAsync();

    private async Task<SpeechOutcome> SpeakAsync(SpeechRequest request)
    {
        var outcome = await engine.SpeakAsync(request, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome;
    }
}
