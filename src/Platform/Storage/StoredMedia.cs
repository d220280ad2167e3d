using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Platform.Persistence;

namespace Platform.Storage;

/// <summary>Bytes that were checked and are to be kept.</summary>
internal sealed record NewMedium
{
    public required Guid TenantId { get; init; }

    /// <summary>The taskUUID of the upload; none for a medium that comes with a task.</summary>
    public Guid? UploadUuid { get; init; }

    public required byte[] Hash { get; init; }

    public required ReadOnlyMemory<byte> Bytes { get; init; }

    public required string Extension { get; init; }
}

/// <summary>The media of tenants: every question names the tenant, and someone else's medium is not there.</summary>
internal sealed class StoredMedia(
    Database database, IBlobStore blobs, VerifiedBlobs verified, IOptions<StoredMediaOptions> options)
{
    private const string Lock = "select from tenants where tenant_id = $1 for no key update";
    private const string Find = "select blob_key from media where media_uuid = $2 and tenant_id = $1 and stored_at is not null";
    private static readonly string Reserve = SqlText.Load("medium-reserve");
    private static readonly string Finish = SqlText.Load("medium-finish");
    private static readonly string Use = SqlText.Load("medium-use");
    private static readonly string Unuse = SqlText.Load("medium-unuse");
    private static readonly string Mark = SqlText.Load("medium-delete");

    /// <summary>
    /// Stores a medium; it survives a crash when this returns. An upload that was sent again gives the medium of the first time, and so do
    /// the same bytes of another task.
    /// </summary>
    /// <exception cref="IOException">The bytes could not be written.</exception>
    public async Task<TakenMedium> AddAsync(NewMedium medium)
    {
        var mediaUuid = Guid.NewGuid();
        var key = BlobKeys.OfMedium(mediaUuid, BlobDigest.Of(medium.Bytes.Span), medium.Extension);
        await using (var reserve = database.Relaxed.CreateCommand(Reserve))
        {
            reserve.Add(mediaUuid);
            reserve.Add(medium.TenantId);
            AddUpload(reserve, medium);
            reserve.Add(medium.Hash);
            reserve.Add(key);
            reserve.Add((long)medium.Bytes.Length);
            await reserve.ExecuteNonQueryAsync();
        }

        await blobs.WriteAsync(key, medium.Bytes, CancellationToken.None);
        var taken = await FinishAsync(mediaUuid, medium);
        if (taken.Medium?.MediaUuid != mediaUuid)
        {
            // Its row is left to the sweep, which also finds it when this process ends here.
            await blobs.DeleteAsync([key], CancellationToken.None);
        }

        return taken;
    }

    /// <summary>Notes that a task uses the tenant's medium; null when there is no such medium.</summary>
    public Task<StoredMedium?> UseAsync(Guid tenantId, Guid mediaUuid, Guid taskId) => UseAsync(tenantId, mediaUuid, [], taskId);

    /// <summary>The same for whichever medium of the tenant has these bytes.</summary>
    public Task<StoredMedium?> UseAsync(Guid tenantId, byte[] hash, Guid taskId) => UseAsync(tenantId, Guid.Empty, hash, taskId);

    /// <summary>Takes back what was noted for a task that was not accepted, and hides what came with it alone.</summary>
    public async Task UnuseAsync(Guid taskId)
    {
        await using var command = database.Relaxed.CreateCommand(Unuse);
        command.Add(taskId);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>The bytes for a task that was accepted with it, deleted since or not; null when they are gone.</summary>
    public async Task<byte[]?> ReadAsync(Guid tenantId, Guid mediaUuid, CancellationToken cancellation)
    {
        await using var command = database.Relaxed.CreateCommand(Find);
        command.Add(tenantId);
        command.Add(mediaUuid);
        return await command.ExecuteScalarAsync(cancellation) is string key ? await verified.ReadAsync(key, cancellation) : null;
    }

    /// <summary>Hides a medium at once; its bytes go when no open task needs them. False when the tenant has none of this UUID.</summary>
    public async Task<bool> DeleteAsync(Guid tenantId, Guid mediaUuid)
    {
        await using var command = database.Durable.CreateCommand(Mark);
        command.Add(tenantId);
        command.Add(mediaUuid);
        return await command.ExecuteNonQueryAsync() == 1;
    }

    private async Task<TakenMedium> FinishAsync(Guid mediaUuid, NewMedium medium)
    {
        await using var connection = await database.Durable.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var tenant = new NpgsqlCommand(Lock, connection))
        {
            tenant.Add(medium.TenantId);
            await tenant.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand(Finish, connection);
        command.Add(medium.TenantId);
        command.Add(mediaUuid);
        AddUpload(command, medium);
        command.Add(medium.Hash);
        command.Add((long)medium.Bytes.Length);
        command.Add((long)options.Value.MaxPerTenant);
        command.Add(options.Value.MaxBytesPerTenant);
        command.Add(options.Value.MaxTaskBytesPerTenant);
        var taken = await ReadOutcomeAsync(command, isUpload: medium.UploadUuid is not null);
        await transaction.CommitAsync();
        return taken;
    }

    private async Task<TakenMedium> ReadOutcomeAsync(NpgsqlCommand command, bool isUpload)
    {
        await using var row = await command.ExecuteReaderAsync();
        if (!await row.ReadAsync())
        {
            return TakenMedium.Refused(
                MediumFault.NoRoom,
                isUpload
                    ? $"cannot be kept: an account may keep {options.Value.MaxPerTenant} media of {options.Value.MaxBytesPerTenant} bytes together; "
                      + "delete some first"
                    : $"cannot be kept: the recordings of an account's remembered tasks may have {options.Value.MaxTaskBytesPerTenant} bytes together; "
                      + "name a stored medium instead");
        }

        return row.GetString(0) is "conflict"
            ? TakenMedium.Refused(MediumFault.Conflict, "is another one than this taskUUID was used for before")
            : new TakenMedium(new StoredMedium(row.GetGuid(1), row.GetString(2)), null);
    }

    private async Task<StoredMedium?> UseAsync(Guid tenantId, Guid mediaUuid, byte[] hash, Guid taskId)
    {
        await using var command = database.Durable.CreateCommand(Use);
        command.Add(tenantId);
        command.Add(mediaUuid);
        command.Add(hash);
        command.Add(taskId);
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? new StoredMedium(row.GetGuid(0), row.GetString(1)) : null;
    }

    private static void AddUpload(NpgsqlCommand command, NewMedium medium) => command.Parameters.Add(
        new NpgsqlParameter { Value = (object?)medium.UploadUuid ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
}
