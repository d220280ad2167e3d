using System.Security.Cryptography;
using System.Text;

namespace Platform.Engines.Calls;

/// <summary>
/// One call of an engine, for whoever operates it: everything about the text but the text itself.
/// </summary>
internal sealed record EngineCall
{
    public required DateTimeOffset At { get; init; }

    public required string Pool { get; init; }

    /// <summary>The instance's name.</summary>
    public required string Engine { get; init; }

    public CallOrigin? Origin { get; init; }

    public required string Model { get; init; }

    public string? Snapshot { get; init; }

    public required string Voice { get; init; }

    public required string Language { get; init; }

    /// <summary>Code points of the text.</summary>
    public required int Characters { get; init; }

    /// <summary>Tells that two calls had the same text: SHA-256, its first eight bytes.</summary>
    public required byte[] InputHash { get; init; }

    public TimeSpan? FirstAudio { get; init; }

    public required TimeSpan Total { get; init; }

    /// <summary>Of the audio that came out; zero where there is none.</summary>
    public required TimeSpan Audio { get; init; }

    public bool CapHit { get; init; }

    public int Retries { get; init; }

    public string? ProviderRequestId { get; init; }

    /// <summary>What it cost us, in micro-USD, by the instance's settings.</summary>
    public required long Cost { get; init; }

    /// <summary><c>ok</c>, or the failure's code.</summary>
    public required string Outcome { get; init; }

    /// <summary>Time of the engine for each second of audio: under 1 it speaks faster than it is heard. Zero without audio.</summary>
    public double RealTimeFactor => Audio > TimeSpan.Zero ? Total / Audio : 0;

    /// <summary>What the settings say that this much costs. What a failed call costs depends on its kind: nothing, unless the engine spoke.</summary>
    public static long CostOf(EngineInstance instance, int characters, SpeechOutcome outcome)
    {
        // A generation that was thrown away was made, and is paid for.
        var made = outcome.Usage.Retries + (outcome.Succeeded ? 1 : 0);
        var billed = outcome.Usage.BilledCharacters ?? (long)characters * made;
        var seconds = outcome.Usage.OutputTokens / TokensPerSecond ?? (outcome.Audio?.Duration.TotalSeconds ?? 0) * made;
        return (long)Math.Ceiling((billed * instance.CostPerMillionCharacters / 1_000_000m) + ((decimal)seconds * instance.CostPerAudioHour / 3600m));
    }

    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text))[..8];

    private const double TokensPerSecond = 12.5;
}
