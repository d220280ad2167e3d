using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Engines;
using Platform.Media;
using Platform.Storage;
using Platform.Tasks.Voices;
using Platform.Tenants.Voices;

namespace Platform.Tasks;

/// <summary>A claimed task as its worker needs it, or why it can never be run.</summary>
internal readonly record struct ReadableTask(SpeechSpec Spec, ReferenceAudio? Reference, TaskError? Error)
{
    /// <summary>The tenant's own voice that it is to be spoken with.</summary>
    public TenantVoice? Voice { get; init; }
}

/// <summary>Reads a claimed task back: what was asked for, and the recording that it names.</summary>
internal sealed class ReadTask(ModelCatalog catalog, StoredMedia media, TenantVoices voices, IOptions<StoredMediaOptions> options)
{
    private static readonly TaskError Deleted = new(
        ErrorCodes.MediaNotFound, "The voice was deleted before the task was run. Nothing was charged for what is missing.")
    {
        Parameter = UseVoice.Parameter,
    };

    private static readonly TaskError Gone = new(
        ErrorCodes.MediaNotFound, "The reference audio was gone when the task was to be run. Nothing was charged for what is missing.")
    {
        Parameter = KeepReference.Parameter,
    };

    /// <exception cref="IOException">The medium is there and cannot be read: worth another attempt.</exception>
    public async Task<ReadableTask> RunAsync(ClaimedTask task, CancellationToken cancellation)
    {
        var spec = catalog.Interpret(task.Request);
        if (Guid.TryParseExact(spec.Voice, "D", out var voiceId))
        {
            var voice = await voices.FindForTenantAsync(task.TenantId, voiceId, cancellation);
            return new ReadableTask(spec, null, voice is null ? Deleted : null) { Voice = voice };
        }

        if (spec.InputAudio is null)
        {
            return new ReadableTask(spec, null, null);
        }

        // It was decoded before the task was accepted; a file that no longer can be is damaged, which is as good as gone.
        return Guid.TryParseExact(spec.InputAudio, "D", out var mediaUuid)
            && await media.ReadAsync(task.TenantId, mediaUuid, cancellation) is { } file
            && AudioDecoder.Decode(file, options.Value.Limits()).Audio is { } audio
            ? new ReadableTask(spec, new ReferenceAudio(audio, spec.Transcript), null)
            : new ReadableTask(spec, null, Gone);
    }
}
