using Platform.Engines;
using Platform.Tests.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.Conformance;

/// <summary>
/// What every engine has to do, whoever speaks behind it. An adapter inherits this once for each way in which it can be set up, and says by
/// <see cref="Traits"/> what its voice is able to.
/// </summary>
public abstract class EngineConformance : IAsyncLifetime
{
    private const string Long = "The night train to Vienna leaves from platform four at a quarter past nine, and nobody minds.";

    private protected IEngine Engine { get; private set; } = null!;

    private protected abstract EngineTraits Traits { get; }

    private protected abstract Task<IEngine> CreateAsync();

    public async ValueTask InitializeAsync() => Engine = await CreateAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected SpeechRequest Ask(string text = Long) => Requests.Of(text, Traits.Voice) with { Model = Traits.Model, Reference = Traits.Reference };

    [Fact]
    public async Task Finds_no_fault_and_takes_work()
    {
        Assert.NotEmpty(Engine.Name);
        Assert.Null(await Engine.FindFaultAsync(TestContext.Current.CancellationToken));
        Assert.Null(await Engine.ProbeAsync(TestContext.Current.CancellationToken));
        Assert.True(Engine.Serves(Traits.Model, Traits.Voice));
    }

    [Fact]
    public async Task Speaks_mono_at_24_kilohertz_and_audibly()
    {
        var outcome = await SpeakAsync(Ask());
        Assert.Equal(24_000, outcome.Audio!.SampleRate);
        Assert.InRange(Loudness(outcome.Audio), 300, 20_000);
        Assert.False(outcome.CapHit);
    }

    [Fact]
    public async Task Says_more_of_a_longer_text()
    {
        Assert.SkipUnless(Traits.IsSpeech, "This engine does not speak.");
        var once = await SpeakAsync(Ask());
        var thrice = await SpeakAsync(Ask($"{Long} {Long} {Long}"));
        Assert.InRange(thrice.Audio!.Duration / once.Audio!.Duration, 2.2, 3.8);
    }

    [Theory]
    [InlineData("0.25")]
    [InlineData("0.5")]
    [InlineData("1.1")]
    [InlineData("2")]
    [InlineData("4")]
    public async Task Speaks_at_the_asked_speed(string speed)
    {
        Assert.SkipUnless(Traits.IsSpeech, "This engine does not speak.");
        var factor = decimal.Parse(speed);
        var usual = await SpeakAsync(Ask());
        var paced = await SpeakAsync(Ask() with { Speed = factor });
        Assert.InRange(paced.Audio!.Duration.TotalSeconds * (double)factor / usual.Audio!.Duration.TotalSeconds, 0.94, 1.06);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("0.5")]
    public async Task Stops_at_the_customers_cap(string speed)
    {
        Assert.SkipUnless(Traits.IsSpeech, "This engine does not speak.");
        var factor = decimal.Parse(speed);
        var outcome = await SpeakAsync(Ask() with { MaxNewTokens = 10, Speed = factor });
        Assert.True(outcome.CapHit);
        Assert.InRange(outcome.Audio!.Duration.TotalSeconds * (double)factor, 0.7, 0.84);
    }

    [Fact]
    public async Task Gives_each_seed_its_own_audio_and_the_same_one_again()
    {
        Assert.SkipUnless(Traits.HasSeeds, "This engine has no seeds.");
        var first = await SpeakAsync(Ask() with { Seed = 7 });
        Assert.Equal(first.Audio!.Samples.ToArray(), (await SpeakAsync(Ask() with { Seed = 7 })).Audio!.Samples.ToArray());
        Assert.NotEqual(first.Audio.Samples.ToArray(), (await SpeakAsync(Ask() with { Seed = 8 })).Audio!.Samples.ToArray());
    }

    [Fact]
    public async Task Speaks_with_each_voice_that_it_serves()
    {
        foreach (var voice in Traits.Voices)
        {
            Assert.True(Engine.Serves(Traits.Model, voice), voice);
            Assert.InRange(Loudness((await SpeakAsync(Ask() with { Voice = voice })).Audio!), 300, 20_000);
        }
    }

    [Fact]
    public async Task Has_no_stand_in_for_a_voice_that_it_lacks()
    {
        Assert.SkipWhen(Traits.HasAnyVoice, "This engine has every voice.");
        Assert.False(Engine.Serves(Traits.Model, "nobody"));
        var outcome = await Engine.SpeakAsync(Ask() with { Voice = "nobody" }, TestContext.Current.CancellationToken);
        Assert.Equal(FailureKind.Rejected, outcome.Failure?.Kind);
    }

    [Theory]
    [InlineData("Auto")]
    [InlineData("Chinese", "今天的天气非常好，我们一起去公园散步吧。")]
    [InlineData("Japanese", "今日はとても良い天気です。")]
    [InlineData("German", "Der Zug nach Wien fährt um Viertel nach neun.")]
    [InlineData("Russian", "Съешь же ещё этих мягких французских булок.")]
    public async Task Speaks_the_languages_of_the_model(string language, string text = Long)
    {
        var outcome = await SpeakAsync(Ask(text) with { Language = language });
        Assert.InRange(Loudness(outcome.Audio!), 300, 20_000);
    }

    [Theory]
    [InlineData("...")]
    [InlineData("?!—")]
    [InlineData("😀🎉")]
    [InlineData(" \n\t ")]
    public async Task Answers_a_text_without_words_once_and_for_all(string text)
    {
        var outcome = await Engine.SpeakAsync(Ask(text), TestContext.Current.CancellationToken);
        if (outcome.Audio is { } audio)
        {
            Assert.InRange(audio.Duration.TotalSeconds, 0.001, 10);
        }
        else
        {
            // To try this again, and again, would not find any words in it.
            Assert.False(outcome.Failure!.RetryHelps);
        }
    }

    [Fact]
    public async Task Speaks_a_text_of_two_thousand_characters()
    {
        var text = string.Concat(Enumerable.Repeat("This is a sentence of forty characters. ", 50)).Trim();
        var outcome = await SpeakAsync(Ask(text) with { MaxNewTokens = 4096 });
        Assert.False(outcome.CapHit);
        Assert.SkipUnless(Traits.IsSpeech, "This engine does not speak.");
        Assert.InRange(outcome.Audio!.Duration.TotalSeconds, 50, 300);
    }

    [Fact]
    public async Task Ends_a_cancelled_call_at_once()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.SpeakAsync(Ask(), new CancellationToken(canceled: true)));

        using var stop = new CancellationTokenSource();
        var call = Engine.SpeakAsync(Ask(), stop.Token);
        await stop.CancelAsync();
        // One that was faster than the cancellation is right as well; one that hangs is not.
        await call.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken).ContinueWith(
            done => Assert.True(done.IsCanceled || done.IsCompletedSuccessfully, $"{done.Exception}"), TaskScheduler.Default);
    }

    [Fact]
    public async Task Serves_many_at_once_without_mixing_them_up()
    {
        Assert.SkipUnless(Traits.IsSpeech, "This engine does not speak.");
        var texts = Enumerable.Range(1, 6).Select(i => string.Join(' ', Enumerable.Repeat(Long, i))).ToList();
        var together = await Task.WhenAll(texts.Select(text => SpeakAsync(Ask(text))));
        for (var i = 1; i < together.Length; i++)
        {
            Assert.True(together[i].Audio!.Duration > together[i - 1].Audio!.Duration);
        }
    }

    [Fact]
    public async Task Takes_a_silent_reference_for_what_it_is()
    {
        Assert.SkipUnless(Traits.Reference is not null, "This engine does not clone.");
        var silence = new ReferenceAudio(new Pcm(new short[72_000], 24_000), "Nothing is said.");
        var outcome = await Engine.SpeakAsync(Ask() with { Reference = silence }, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded || !outcome.Failure.RetryHelps, outcome.Failure?.ToString());
    }

    [Fact]
    public async Task Takes_only_the_timbre_of_a_reference()
    {
        Assert.SkipUnless(Traits.Reference is not null, "This engine does not clone.");
        var outcome = await SpeakAsync(Ask() with { Reference = Traits.Reference with { Transcript = null }, XVectorOnly = true });
        Assert.InRange(Loudness(outcome.Audio!), 300, 20_000);
    }

    private protected async Task<SpeechOutcome> SpeakAsync(SpeechRequest request)
    {
        var outcome = await Engine.SpeakAsync(request, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome;
    }

    private static double Loudness(Pcm audio) => Math.Sqrt(audio.Samples.ToArray().Average(static sample => (double)sample * sample));
}

/// <summary>What the voice behind an adapter is able to, as it is set up in a test.</summary>
internal sealed record EngineTraits
{
    public string Model { get; init; } = "alibaba:qwen@3-tts-1.7b-customvoice";

    /// <summary>The voice of the tests that are not about voices.</summary>
    public string Voice { get; init; } = "ryan";

    /// <summary>All that are to be heard once.</summary>
    public IReadOnlyList<string> Voices { get; init; } = ["auto", "vivian", "uncle_fu"];

    /// <summary>Whether what comes out follows the text, its length and the asked speed.</summary>
    public bool IsSpeech { get; init; } = true;

    public bool HasSeeds { get; init; } = true;

    /// <summary>Whether there is no voice that it would refuse.</summary>
    public bool HasAnyVoice { get; init; }

    /// <summary>For engines that clone.</summary>
    public ReferenceAudio? Reference { get; init; }
}
