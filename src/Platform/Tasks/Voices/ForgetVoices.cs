using Platform.Engines;
using Platform.Tenants.Voices;

namespace Platform.Tasks.Voices;

/// <summary>
/// The sweep over voices that are to go: deleted ones, and those whose making broke off. The provider forgets first and the row goes last, so
/// that a sweep that was killed is simply run again.
/// </summary>
internal sealed partial class ForgetVoices(TenantVoices voices, EngineOffer offer, ILogger<ForgetVoices> log)
{
    private const int BatchSize = 100;

    // Longer than any making takes.
    private static readonly TimeSpan UnfinishedAfter = TimeSpan.FromMinutes(20);

    public async Task RunAsync(CancellationToken cancellation)
    {
        foreach (var voice in await voices.ListLeavingAcrossTenantsAsync(UnfinishedAfter, BatchSize, cancellation))
        {
            if (await ForgetAsync(voice, cancellation) is { } reason)
            {
                LogLeft(log, voice.VoiceId, voice.Engine, reason);
                continue;
            }

            await voices.RemoveAcrossTenantsAsync(voice.VoiceId, cancellation);
        }
    }

    /// <summary>Why the provider may still have it; null when it is gone.</summary>
    private async Task<string?> ForgetAsync(TenantVoice voice, CancellationToken cancellation)
    {
        if (offer.MakerNamed(voice.Engine) is not { } making)
        {
            return "the settings name this engine no longer";
        }

        var names = voice.ProviderName is { } known ? [known] : await FindAsync(making, voice, cancellation);
        if (names is null)
        {
            return "its provider did not answer";
        }

        foreach (var name in names)
        {
            if (await making.Delete(new OwnVoice(name, voice.TargetModel ?? TargetOf(voice)), cancellation) is { } failure)
            {
                return failure.Code;
            }
        }

        return null;
    }

    // A label is random enough that nobody else's voice bears it.
    private static async Task<IReadOnlyList<string>?> FindAsync(VoiceMaking making, TenantVoice voice, CancellationToken cancellation) =>
        await making.List(voice.Model, cancellation) is { } all
            ? [.. all.Where(name => name.Contains(voice.Label, StringComparison.OrdinalIgnoreCase))]
            : null;

    // Which list it stands in follows from the model alone.
    private static string TargetOf(TenantVoice voice) => voice.Model[(voice.Model.IndexOf(':', StringComparison.Ordinal) + 1)..].Replace('@', '-');

    [LoggerMessage(EventId = 2951, Level = LogLevel.Warning, Message = "Voice {VoiceId} is not yet forgotten by engine {Engine}: {Reason}")]
    private static partial void LogLeft(ILogger log, Guid voiceId, string engine, string reason);
}
