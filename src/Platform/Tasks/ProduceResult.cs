using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Engines;
using Platform.Media;
using Platform.Storage;

namespace Platform.Tasks;

/// <summary>What one try at one result gave: the finished result, or why there is none.</summary>
internal readonly record struct Produced(FinishedResult? Result, EngineFailure? Failure);

/// <summary>Steps 7 to 9 of the walk: speak, encode, store, and render the item.</summary>
internal sealed class ProduceResult(
    EnginePools engines, FolderBlobs blobs, AudioLinks links, IOptions<TasksOptions> options, TimeProvider time)
{
    private readonly TimeSpan _retention = TimeSpan.FromDays(options.Value.RetentionDays);

    public async Task<Produced> RunAsync(ClaimedTask task, PlannedResult plan, CancellationToken lease)
    {
        var outcome = await engines.SpeakAsync(plan.Pool, RequestOf(task, plan), lease);
        if (!outcome.Succeeded)
        {
            return new Produced(null, outcome.Failure);
        }

        await StopPoint.ReachAsync(StopPoint.Spoken);
        var file = AudioEncoder.Encode(outcome.Audio, plan.Spec.Target);
        await StopPoint.ReachAsync(StopPoint.Encoded);
        var audioUuid = Guid.NewGuid();
        var key = BlobKeys.OfResult(
            task.TaskId, task.Attempt, plan.Index, audioUuid, plan.Spec.Target.Format.FileExtension());
        lease.ThrowIfCancellationRequested();
        try
        {
            await blobs.WriteAsync(key, file.Bytes);
        }
        catch (IOException)
        {
            return new Produced(null, new EngineFailure("store", "storage", "The audio could not be stored.", RetryHelps: true));
        }

        await StopPoint.ReachAsync(StopPoint.Stored);
        return new Produced(FinishedOf(task, plan, key, audioUuid, file.Bytes.Length), null);
    }

    /// <summary>Takes back what a refused settlement would have handed over.</summary>
    public void Discard(Produced produced)
    {
        if (produced.Result is { } result)
        {
            blobs.Delete(result.BlobKey);
        }
    }

    private FinishedResult FinishedOf(ClaimedTask task, PlannedResult plan, string key, Guid audioUuid, long size)
    {
        var isLink = plan.Spec.OutputType == OutputType.Url;
        return new FinishedResult
        {
            Index = plan.Index,
            AudioUuid = audioUuid,
            Size = size,
            ExpiresAt = time.GetUtcNow() + (isLink ? plan.Spec.Ttl : _retention),
            BlobKey = key,
            OutputType = plan.Spec.OutputType,
            Item = ItemJson.Render(new ItemFacts
            {
                TaskUuid = plan.Spec.TaskUuid,
                AudioUuid = audioUuid,
                AudioUrl = isLink ? links.Of(audioUuid, plan.Spec.Target.Format.FileExtension()) : null,
                Seed = task.Seed + plan.Index,
                Cost = plan.Spec.IncludeCost ? task.PricePerResult : null,
            }),
        };
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
