using System.Diagnostics;
using Platform.Catalog;
using Platform.Engines;
using Platform.Media;
using Platform.Storage;

namespace Platform.Tasks;

/// <summary>What one try at one result gave: exactly one of them.</summary>
internal readonly record struct Produced
{
    public FinishedResult? Result { get; init; }

    /// <summary>The engine's; another attempt may help.</summary>
    public EngineFailure? Failure { get; init; }

    /// <summary>The end of the task: the result was made and could not be handed over.</summary>
    public TaskError? Error { get; init; }

    /// <summary>The store takes nothing, which is no fault of the task.</summary>
    public bool IsHandedBack { get; init; }
}

/// <summary>Steps 7 to 10 of the walk: speak, encode, store, upload if asked, and render the item.</summary>
internal sealed class ProduceResult(
    EnginePools engines, StoreAudio store, DeliverUpload upload, RenderFinished render)
{
    public async Task<Produced> RunAsync(ClaimedTask task, PlannedResult plan, CancellationToken lease)
    {
        var (key, size, failure) = await MakeAsync(task, plan, lease);
        if (key is null)
        {
            return new Produced { Failure = failure, IsHandedBack = failure is null };
        }

        await StopPoint.ReachAsync(StopPoint.Stored);
        var result = render.Run(task, plan, key, size);
        if (plan.Spec.UploadEndpoint is not { } endpoint)
        {
            return new Produced { Result = result };
        }

        var refusal = await UploadAsync(result, endpoint, lease);
        await StopPoint.ReachAsync(StopPoint.Uploaded);
        return refusal with { Result = refusal is { Error: null, IsHandedBack: false } ? result : null };
    }

    private async Task<Produced> UploadAsync(FinishedResult result, string endpoint, CancellationToken lease)
    {
        using var step = TaskTraces.Begin("upload");
        return await upload.RunAsync(result, endpoint, lease);
    }

    /// <summary>Takes back what a refused settlement would have handed over.</summary>
    public Task DiscardAsync(Produced produced) => produced.Result is { } result ? store.DiscardAsync(result.BlobKey) : Task.CompletedTask;

    // A method of its own, so that neither the sound nor the file is held while a slow receiver takes its upload.
    private async Task<(string? Key, long Size, EngineFailure? Failure)> MakeAsync(ClaimedTask task, PlannedResult plan, CancellationToken lease)
    {
        var outcome = await engines.SpeakAsync(plan.Pool, RequestOf(task, plan), lease);
        if (!outcome.Succeeded)
        {
            return (null, 0, outcome.Failure);
        }

        await StopPoint.ReachAsync(StopPoint.Spoken);
        var file = Encode(outcome.Audio, plan.Spec.Target);
        await StopPoint.ReachAsync(StopPoint.Encoded);
        lease.ThrowIfCancellationRequested();
        var key = BlobKeys.OfResult(
            new ResultFile(task.TaskId, (short)task.Attempt, plan.Index, Guid.NewGuid()),
            BlobDigest.Of(file.Bytes.Span),
            plan.Spec.Target.Format.FileExtension());
        using var step = TaskTraces.Begin("storage.write");
        return await store.RunAsync(key, file.Bytes, lease) ? (key, file.Bytes.Length, null) : (null, 0, null);
    }

    private static EncodedAudio Encode(Pcm audio, AudioTarget target)
    {
        using var step = TaskTraces.Begin("media.encode");
        var started = Stopwatch.GetTimestamp();
        var file = AudioEncoder.Encode(audio, target);
        MediaMetrics.Encoded(target.Format, Stopwatch.GetElapsedTime(started));
        return file;
    }

    private static SpeechRequest RequestOf(ClaimedTask task, PlannedResult plan) => new()
    {
        Model = plan.Spec.Model,
        Text = plan.Spec.Text,
        Voice = plan.Spec.Voice,
        Language = plan.Spec.Language,
        Speed = plan.Spec.Speed,
        Prompt = plan.Spec.Prompt,
        Seed = task.Seed + plan.Index,
        MaxNewTokens = plan.Spec.MaxNewTokens,
        Reference = plan.Reference,
        XVectorOnly = plan.Spec.XVectorOnly,
    };
}

/// <summary>One result of a claimed task that is still to be made.</summary>
/// <param name="Spec">The task, read back from what the customer sent.</param>
/// <param name="Index">From 0.</param>
internal sealed record PlannedResult(SpeechSpec Spec, string Pool, short Index)
{
    /// <summary>The voice to imitate, where the model clones; decoded once for all results.</summary>
    public ReferenceAudio? Reference { get; init; }
}
