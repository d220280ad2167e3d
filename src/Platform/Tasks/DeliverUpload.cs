using Platform.Catalog;
using Platform.Delivery.Upload;

namespace Platform.Tasks;

/// <summary>Step 10 of the walk for one stored result. What the customer's server does not get is not handed over at all, and not charged.</summary>
internal sealed class DeliverUpload(UploadAudio upload, StoreAudio store)
{
    /// <summary>Neither error nor handed back when the customer's server has the file.</summary>
    public async Task<Produced> RunAsync(Guid tenantId, FinishedResult result, string endpoint, CancellationToken lease)
    {
        try
        {
            var outcome = await upload.RunAsync(
                tenantId, result.BlobKey, UploadAddress.Fill(endpoint, result.Index, result.AudioUuid), lease);
            if (outcome.Fault is null)
            {
                return default;
            }

            await store.DiscardAsync(result.BlobKey);
            return new Produced
            {
                Error = new TaskError(
                    ErrorCodes.UploadFailed, $"The result could not be uploaded. {outcome.Fault} Nothing was charged for what is missing."),
            };
        }
        catch (IOException)
        {
            // The file cannot be read back: another attempt writes another one.
            await store.DiscardAsync(result.BlobKey);
            return new Produced { IsHandedBack = true };
        }
        catch (OperationCanceledException)
        {
            await store.DiscardAsync(result.BlobKey);
            throw;
        }
    }
}
