using Platform.Storage.Packs;

namespace Platform.Storage;

/// <summary>
/// Moves an installation from one store to another: copies everything under its key, what lies in packs too. Run again, it goes on with what
/// is missing.
/// </summary>
internal sealed class CopyBlobs(IBlobStore from, IBlobStore to)
{
    /// <summary>How many blobs were copied, and how many were there already.</summary>
    public async Task<(int Copied, int Present)> RunAsync(CancellationToken cancellation)
    {
        var (copied, present) = (0, 0);
        foreach (var prefix in new[] { BlobKeys.Results, BlobKeys.Media })
        {
            await foreach (var found in from.ListAsync(prefix, "", cancellation))
            {
                if (PackKey.IsPack(Path.GetFileName(found.Key)) || await from.OpenAsync(found.Key, cancellation) is not { } source)
                {
                    continue;
                }

                await using (source)
                {
                    if (await IsThereAsync(found.Key, source.Length, cancellation))
                    {
                        present++;
                        continue;
                    }

                    var bytes = new byte[source.Length];
                    await source.ReadExactlyAsync(bytes, cancellation);
                    await to.WriteAsync(found.Key, bytes, cancellation);
                    copied++;
                }
            }
        }

        return (copied, present);
    }

    private async Task<bool> IsThereAsync(string key, long length, CancellationToken cancellation)
    {
        await using var there = await to.OpenAsync(key, cancellation);
        return there?.Length == length;
    }
}
