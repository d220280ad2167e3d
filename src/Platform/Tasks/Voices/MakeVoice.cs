using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Engines;
using Platform.Media;
using Platform.Storage;
using Platform.Tenants.Voices;

namespace Platform.Tasks.Voices;

/// <summary>
/// Has a voice made: the recording is fetched and checked as reference audio is, consent is looked at, the voice is written down, and then the
/// provider is asked. Whatever breaks in between leaves a row that <see cref="ForgetVoices"/> finds.
/// </summary>
internal sealed class MakeVoice(TakeRecording recordings, TenantVoices voices, Consents consents, VoiceMakers makers, TimeProvider time)
{
    private const int LabelLength = 10;

    public async Task<VoiceMade> RunAsync(VoiceWish wish, CancellationToken cancellation)
    {
        if (makers.Find(wish.Model) is not { } maker)
        {
            return Refused(new TaskError(ErrorCodes.ModelNotFound, "'model' names no model of this installation that speaks with voices of one's own.")
            {
                Parameter = "model",
            });
        }

        var voiceId = Guid.CreateVersion7(time.GetUtcNow());
        var (recording, refusal) = wish.Audio is { } audio ? await recordings.RunAsync(wish, voiceId, audio) : default;
        if (refusal is not null)
        {
            return Refused(refusal);
        }

        try
        {
            var voice = NewVoice(wish, voiceId, maker.Engine, recording?.Hash);
            return await voices.ReserveAsync(voice, makers.Limits, cancellation) switch
            {
                VoicePlace.Taken => await MakeAsync(wish, voice, maker.Voices, recording),
                VoicePlace.TooManyToday => Refused(new TaskError(
                    ErrorCodes.RateLimitExceeded,
                    $"An account may have {makers.Limits.MostADay} voices made in 24 hours, deleted ones included. Try again tomorrow.")
                {
                    RetryAfterSeconds = 3600,
                }),
                _ => Refused(new TaskError(
                    ErrorCodes.PayloadTooLarge, $"An account may have {makers.Limits.Most} voices of its own; delete some first.")),
            };
        }
        finally
        {
            await recordings.ForgetAsync(voiceId);
        }
    }

    // Not ended by the caller's hanging up: a voice that the provider has made must be written down.
    private async Task<VoiceMade> MakeAsync(VoiceWish wish, TenantVoice voice, VoiceMaking making, Recording? recording)
    {
        using var deadline = new CancellationTokenSource(makers.Patience, time);
        MadeVoice made;
        try
        {
            made = await making.Make(OrderOf(wish, voice, recording), deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // The provider may have made it after all: its row stays until the sweep has looked.
            return Refused(new TaskError(ErrorCodes.ServiceUnavailable, "The provider did not make the voice in time. Try again later."));
        }

        if (made.Voice is not { } own)
        {
            // What broke on its way may stand in the provider's list all the same; the sweep looks there by the row that stays.
            if (made.Failure is { Kind: FailureKind.Rejected or FailureKind.ContentRefused })
            {
                await voices.RemoveAcrossTenantsAsync(voice.VoiceId, CancellationToken.None);
            }

            return Refused(ErrorOf(made.Failure!));
        }

        await voices.FinishAsync(voice, (own.Name, own.TargetModel), wish.Actor, CancellationToken.None);
        if (wish.Consent is { } consent)
        {
            await consents.RecordAsync(voice.TenantId, consent with { VoiceId = voice.VoiceId }, wish.Actor, CancellationToken.None);
        }

        return new VoiceMade(voice, null);
    }

    private TenantVoice NewVoice(VoiceWish wish, Guid voiceId, string engine, byte[]? hash) => new()
    {
        VoiceId = voiceId,
        TenantId = wish.TenantId,
        Name = wish.Name,
        Model = wish.Model,
        Kind = hash is null ? TenantVoice.Designed : TenantVoice.Cloned,
        Engine = engine,
        Label = "v" + voiceId.ToString("N")[^(LabelLength - 1)..],
        Language = wish.Language,
        ContentHash = hash,
        CreatedAt = time.GetUtcNow(),
    };

    private static VoiceOrder OrderOf(VoiceWish wish, TenantVoice voice, Recording? recording) => new()
    {
        Model = voice.Model,
        Label = voice.Label,
        Recording = recording is null ? null : new ReferenceAudio(recording.Audio, wish.Transcript),
        RecordingUrl = recording?.Url,
        Description = wish.Description,
        Language = wish.Language,
    };

    private static VoiceMade Refused(TaskError error) => new(null, error);

    private static TaskError ErrorOf(EngineFailure failure) => failure.Kind switch
    {
        FailureKind.ContentRefused => new TaskError(ErrorCodes.ContentPolicyViolation, failure.Message),
        FailureKind.Rejected => new TaskError(ErrorCodes.InferenceError, failure.Message),
        _ => new TaskError(ErrorCodes.ServiceUnavailable, "The provider cannot make a voice at the moment. Try again later.") { RetryAfterSeconds = 5 },
    };
}

/// <summary>The engines that have voices made, by model, and how far a tenant may go.</summary>
internal sealed class VoiceMakers(ModelCatalog catalog, EngineOffer offer, IOptions<VoiceOptions> options)
{
    public VoiceLimits Limits => new(options.Value.MaxPerTenant, options.Value.MaxPerTenantADay);

    public TimeSpan Patience => TimeSpan.FromSeconds(options.Value.MakeSeconds);

    public (string Engine, VoiceMaking Voices)? Find(string air) => catalog.Find(air) is { } model ? offer.MakerOf(model.Pool, air) : null;
}

/// <summary>A recording that was taken in to be cloned.</summary>
internal sealed record Recording(Pcm Audio, byte[] Hash, string Url);

/// <summary>Takes in a recording as a task's reference audio is taken in, and looks whether its speaker agreed.</summary>
internal sealed class TakeRecording(
    TakeMedium take, StoredMedia media, AudioLinks links, UseVoice use, IOptions<StoredMediaOptions> options)
{
    private const string Parameter = "audio";

    public async Task<(Recording? Recording, TaskError? Error)> RunAsync(VoiceWish wish, Guid voiceId, string source)
    {
        var (medium, refusal) = await take.ForTaskAsync(wish.TenantId, voiceId, source);
        if (medium is null)
        {
            return (null, KeepReference.ErrorOf(refusal!, Parameter));
        }

        // A consent that comes along is one.
        if (wish.Consent is null && await use.FindRefusalAsync(wish.TenantId, medium.MediaUuid, Parameter) is { } denied)
        {
            await media.UnuseAsync(voiceId);
            return (null, denied);
        }

        var bytes = await media.ReadAsync(wish.TenantId, medium.MediaUuid, CancellationToken.None);
        return bytes is not null && AudioDecoder.Decode(bytes, options.Value.Limits()).Audio is { } audio
            ? (new Recording(audio, SHA256.HashData(bytes), links.Of(medium.MediaUuid, medium.Extension)), null)
            : (null, new TaskError(ErrorCodes.MediaNotFound, $"'{Parameter}' was gone when it was to be read.") { Parameter = Parameter });
    }

    public Task ForgetAsync(Guid voiceId) => media.UnuseAsync(voiceId);
}
