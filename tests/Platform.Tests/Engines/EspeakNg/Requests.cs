using Platform.Engines;
using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

/// <summary>Requests with everything filled in but what a test is about, and the audio that comes of them.</summary>
internal static class Requests
{
    public const string English = "The quick brown fox jumps over the lazy dog, and nobody minds.";

    public static EspeakEngine Engine { get; } = new(new EspeakOptions());

    public static SpeechRequest Of(string text, string voice = "ryan", string language = "English", decimal speed = 1) => new()
    {
        Model = "alibaba:qwen@3-tts-1.7b-customvoice",
        Text = text,
        Voice = voice,
        Language = language,
        Speed = speed,
        Seed = 1,
        MaxNewTokens = 2048,
    };

    public static async Task<Pcm> SpeakAsync(SpeechRequest request)
    {
        var outcome = await Engine.SpeakAsync(request, TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Audio;
    }

    public static async Task<short[]> SamplesAsync(string text, string language = "English", string voice = "ryan") =>
        (await SpeakAsync(Of(text, voice, language))).Samples.ToArray();
}
