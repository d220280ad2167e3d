using Platform.Engines;
using Platform.Engines.EspeakNg;
using Platform.Media;

namespace Platform.Bench.Speech;

/// <summary>What speaks behind a speech server: samples at 24 kHz, not yet cut at the cap.</summary>
internal delegate Task<short[]> ServerVoice(SpeechAsk ask, CancellationToken cancellation);

/// <summary>The voices that a server of the tests and of the benchmark can have.</summary>
internal static class ServerVoices
{
    private const int Rate = 24_000;
    private static readonly DecodingLimits AnyReference = new(TimeSpan.Zero, TimeSpan.FromMinutes(2), Rate);
    private static readonly EspeakEngine Espeak = new(new EspeakOptions());

    /// <summary>The same tone for everybody, after a while, at no cost.</summary>
    public static ServerVoice Tone(TimeSpan delay, TimeSpan length)
    {
        var samples = new short[(int)(length.TotalSeconds * Rate)];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)(4000 * Math.Sin(2 * Math.PI * 220 * i / Rate));
        }

        return async (_, cancellation) =>
        {
            await Task.Delay(delay, cancellation);
            return samples;
        };
    }

    /// <summary>Real speech.</summary>
    public static async Task<short[]> SpeakAsync(SpeechAsk ask, CancellationToken cancellation)
    {
        var outcome = await Espeak.SpeakAsync(
            new SpeechRequest
            {
                Model = "espeak",
                Text = ask.Input,
                Voice = ask.Voice switch
                {
                    "alloy" => "ryan",
                    "echo" => "vivian",
                    "onyx" => "uncle_fu",
                    null => "clone",
                    var name => name,
                },
                Language = ask.Language,
                Speed = 1,
                Prompt = ask.Instructions,
                Seed = ask.Seed,
                MaxNewTokens = ask.MaxNewTokens,
                Reference = ReferenceOf(ask),
            },
            cancellation);
        return outcome.Audio?.Samples.ToArray() ?? [];
    }

    private static ReferenceAudio? ReferenceOf(SpeechAsk ask)
    {
        if (ask.Reference is not { } address)
        {
            return null;
        }

        var file = Convert.FromBase64String(address[(address.IndexOf(',', StringComparison.Ordinal) + 1)..]);
        return AudioDecoder.Decode(file, AnyReference).Audio is { } audio ? new ReferenceAudio(audio, ask.Transcript) : null;
    }
}
