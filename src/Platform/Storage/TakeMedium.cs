using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Platform.Media;
using Platform.Tenants.Limits;

namespace Platform.Storage;

/// <summary>
/// Takes in what a customer sent as reference audio: fetched, decoded, checked, stored, in this order. From the first byte to the last a
/// recording holds one of few places, some of which are left for other tenants.
/// </summary>
internal sealed class TakeMedium(FetchMedium fetch, StoredMedia media, IOptions<StoredMediaOptions> options, TimeProvider time) : IDisposable
{
    private static readonly TakenMedium Busy = TakenMedium.Refused(
        MediumFault.Busy, "could not be taken in: too many recordings are at the moment. Nothing was accepted; try again");

    private readonly TenantPlaces _places = new(options.Value.MaxDownloads, options.Value.MaxDownloadsPerTenant, time);
    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.Value.WaitSeconds);
    private readonly DecodingLimits _limits = options.Value.Limits();

    // Decoding fills a core and some thirty megabytes.
    private readonly SemaphoreSlim _decoding = new(Environment.ProcessorCount);

    /// <summary>Keeps a medium under an UUID of its own until it is deleted.</summary>
    public async Task<TakenMedium> UploadAsync(Guid tenantId, Guid uploadUuid, string source)
    {
        using var place = await _places.EnterAsync(tenantId, _patience);
        if (place is null)
        {
            return Busy;
        }

        var (bytes, refusal) = await fetch.RunAsync(tenantId, source);
        return bytes is null ? new TakenMedium(null, refusal) : await AddAsync(tenantId, uploadUuid, bytes, SHA256.HashData(bytes));
    }

    /// <summary>
    /// Makes sure that a task finds its medium when it runs: notes the use of a stored one, or keeps what the task brings for as long as the
    /// task is remembered.
    /// </summary>
    public async Task<TakenMedium> ForTaskAsync(Guid tenantId, Guid taskId, string source)
    {
        if (Guid.TryParseExact(source, "D", out var mediaUuid))
        {
            return await media.UseAsync(tenantId, mediaUuid, taskId) is { } known
                ? new TakenMedium(known, null)
                : TakenMedium.Refused(MediumFault.NotFound, "names no stored medium of yours");
        }

        using var place = await _places.EnterAsync(tenantId, _patience);
        if (place is null)
        {
            return Busy;
        }

        var (bytes, refusal) = await fetch.RunAsync(tenantId, source);
        if (bytes is null)
        {
            return new TakenMedium(null, refusal);
        }

        // Whoever clones a voice sends the same recording with every task: it is decoded and stored once.
        var hash = SHA256.HashData(bytes);
        if (await media.UseAsync(tenantId, hash, taskId) is { } twin)
        {
            return new TakenMedium(twin, null);
        }

        var taken = await AddAsync(tenantId, uploadUuid: null, bytes, hash);
        return taken.Medium is null || await media.UseAsync(tenantId, taken.Medium.MediaUuid, taskId) is not null
            ? taken
            : TakenMedium.Refused(MediumFault.NotFound, "was deleted while the task was being accepted");
    }

    public void Dispose() => _decoding.Dispose();

    private async Task<TakenMedium> AddAsync(Guid tenantId, Guid? uploadUuid, byte[] bytes, byte[] hash)
    {
        if (await DecodeAsync(bytes) is not { } decoding)
        {
            return Busy;
        }

        return decoding.Fault is null
            ? await media.AddAsync(new NewMedium
            {
                TenantId = tenantId,
                UploadUuid = uploadUuid,
                Hash = hash,
                Bytes = bytes,
                Extension = decoding.Format.FileExtension(),
            })
            : TakenMedium.Refused(MediumFault.Invalid, decoding.Fault);
    }

    // Null when its turn did not come in time.
    private async Task<Decoding?> DecodeAsync(byte[] bytes)
    {
        if (!await _decoding.WaitAsync(_patience))
        {
            return null;
        }

        try
        {
            return await Task.Run(() => AudioDecoder.Decode(bytes, _limits));
        }
        finally
        {
            _decoding.Release();
        }
    }
}
