using Platform.Engines.EspeakNg;
using Platform.Engines;
using Xunit;

namespace Platform.Tests.Media;

/// <summary>Real speech for the encoders to work on, spoken once for all tests.</summary>
internal static class Clips
{
    private static readonly Lazy<Task<Pcm>> Spoken = new(() => SpeakAsync("Please stand clear of the platform edge."));

    public static Task<Pcm> SpeechAsync() => Spoken.Value;

    private static async Task<Pcm> SpeakAsync(string text)
    {
        var outcome = await new EspeakEngine(new EspeakOptions()).SpeakAsync(
            new SpeechRequest
            {
                Model = "alibaba:qwen@3-tts-1.7b-customvoice",
                Text = text,
                Voice = "ryan",
                Language = "English",
                Speed = 1,
                Seed = 1,
                MaxNewTokens = 2048,
            },
            CancellationToken.None);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome.Audio;
    }
}
