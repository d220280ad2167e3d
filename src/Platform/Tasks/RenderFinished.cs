using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Delivery;
using Platform.Delivery.Upload;
using Platform.Media;

namespace Platform.Tasks;

/// <summary>Makes a stored file into a result with its item, rendered once as every reply will show it.</summary>
internal sealed class RenderFinished(AudioLinks links, IOptions<TasksOptions> options, TimeProvider time)
{
    private readonly TimeSpan _retention = TimeSpan.FromDays(options.Value.RetentionDays);

    public FinishedResult Run(ClaimedTask task, PlannedResult plan, string key, FinishedFile file)
    {
        var metered = task.Terms is { IsMetered: true } terms
            ? terms.OfResult(file.Duration, task.MicroUsdPerMillion, task.PricePerResult)
            : ((long Units, long MicroUsd)?)null;
        var isLink = plan.Spec.OutputType == OutputType.Url;
        var audioUuid = plan.Spec.UploadEndpoint is null ? Guid.NewGuid() : UploadAddress.AudioUuidOf(task.TaskId, plan.Index);
        return new FinishedResult
        {
            Index = plan.Index,
            AudioUuid = audioUuid,
            Size = file.Size,
            Cost = metered?.MicroUsd,
            Units = metered?.Units,
            ExpiresAt = time.GetUtcNow() + (isLink ? plan.Spec.Ttl : _retention),
            BlobKey = key,
            OutputType = plan.Spec.OutputType,
            Item = ItemJson.Render(new ItemFacts
            {
                TaskUuid = plan.Spec.TaskUuid,
                AudioUuid = audioUuid,
                AudioUrl = isLink ? links.Of(audioUuid, plan.Spec.Target.Format.FileExtension()) : null,
                Seed = task.Seed + plan.Index,
                Cost = plan.Spec.IncludeCost ? metered?.MicroUsd ?? task.PricePerResult : null,
            }),
        };
    }
}
