using System.Runtime.InteropServices;
using Platform.Catalog;
using Platform.Engines;
using Platform.Media;
using Platform.Storage;
using Platform.Tenants.Voices;

namespace Platform.Tasks;

/// <summary>What one try at one result gave: exactly one of them.</summary>
internal readonly record struct Produced
{
    public FinishedResult? Result { get; init; }

    /// <summary>The engine's; another attempt may help.</summary>
    public EngineFailure? Failure { get; init; }

    /// <summary>The end of the task: the result was made and could not be handed over.</summary>
    public TaskError? Error { get; init; }

    /// <summary>It goes back to its pool through no fault of its own: the store takes nothing, or there is no room on the way out.</summary>
    public bool IsHandedBack { get; init; }

    /// <summary>After how long it may be tried again, when it is handed back and that is known.</summary>
    public TimeSpan? ComeAgain { get; init; }
}

/// <summary>Steps 7 to 9 of the walk: speak, encode, store, and render the item.</summary>
internal sealed class ProduceResult(EnginePools engines, VoiceRules rules, EncodeAudio encode, StoreAudio store, RenderFinished render)
{
    public async Task<Produced> RunAsync(ClaimedTask task, PlannedResult plan, CancellationToken lease)
    {
        var (key, file, failure) = await MakeAsync(task, plan, lease);
        if (key is null)
        {
            return new Produced { Failure = failure, IsHandedBack = failure is null };
        }

        await StopPoint.ReachAsync(StopPoint.Stored);
        return new Produced { Result = render.Run(task, plan, key, file) };
    }

    // A method of its own, so that the sound is not held while its file is reported.
    private async Task<(string? Key, FinishedFile File, EngineFailure? Failure)> MakeAsync(ClaimedTask task, PlannedResult plan, CancellationToken lease)
    {
        var outcome = await engines.SpeakAsync(plan.Pool, RequestOf(task, plan), lease);
        if (!outcome.Succeeded)
        {
            return (null, default, outcome.Failure);
        }

        plan.LastOf?.FreeAfterSpeech();
        await StopPoint.ReachAsync(StopPoint.Spoken);
        var target = plan.Spec.Target with { IsMarked = (await rules.FindAsync(task.TenantId, CancellationToken.None)).MarkAudio };
        if (await encode.RunAsync(outcome.Audio, target) is not { } file)
        {
            return (null, default, null);
        }

        using var owner = file.Owner;
        await StopPoint.ReachAsync(StopPoint.Encoded);
        lease.ThrowIfCancellationRequested();
        var key = BlobKeys.OfResult(
            new ResultFile(task.TaskId, (short)task.Attempt, plan.Index, Guid.NewGuid()),
            BlobDigest.Of(file.Bytes.Span),
            plan.Spec.Target.Format.FileExtension());
        using var step = TaskTraces.Begin("storage.write");
        return await store.RunAsync(key, file.Bytes, lease) is { } stored
            ? (stored, new FinishedFile(file.Bytes.Length, file.Duration), null)
            : (null, default, null);
    }

    private static SpeechRequest RequestOf(ClaimedTask task, PlannedResult plan) => new()
    {
        Model = plan.Spec.Model,
        Text = plan.Spec.Text,
        Voice = plan.Voice is { } own ? OwnVoice.Spell(own.Engine, own.VoiceId) : plan.Spec.Voice,
        OwnVoice = plan.Voice is { } made ? new OwnVoice(made.ProviderName!, made.TargetModel!) : null,
        Language = plan.Spec.Language,
        Speed = plan.Spec.Speed,
        Prompt = plan.Spec.Prompt,
        Seed = task.Seed + plan.Index,
        MaxNewTokens = plan.Spec.MaxNewTokens,
        Reference = plan.Reference,
        XVectorOnly = plan.Spec.XVectorOnly,
        OptimizePrompt = plan.Spec.OptimizePrompt,
        Emotion = plan.Spec.Emotion,
        Pitch = plan.Spec.Pitch,
        Volume = plan.Spec.Volume,
        Origin = new CallOrigin(task.TaskId, task.TenantId, plan.Index, task.Attempt),
    };
}

/// <summary>Bytes and length of a file that is stored.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FinishedFile(long Size, TimeSpan Duration);

/// <summary>One result of a claimed task that is still to be made.</summary>
/// <param name="Spec">The task, read back from what the customer sent.</param>
/// <param name="Index">From 0.</param>
internal sealed record PlannedResult(SpeechSpec Spec, string Pool, short Index)
{
    /// <summary>The voice to imitate, where the model clones; decoded once for all results.</summary>
    public ReferenceAudio? Reference { get; init; }

    /// <summary>The tenant's own voice, where the task names one.</summary>
    public TenantVoice? Voice { get; init; }

    /// <summary>The slot that nobody needs any more once this result is spoken.</summary>
    public WorkSlot? LastOf { get; init; }

    public static PlannedResult Of(ReadableTask task, string pool, short index) =>
        new(task.Spec, pool, index) { Reference = task.Reference, Voice = task.Voice };
}
