using System.Collections.Concurrent;
using Platform.Persistence;

namespace Platform.Api;

/// <summary>A file behind a public link, until it expires.</summary>
internal sealed record PublicFile(string BlobKey, DateTimeOffset ExpiresAt);

/// <summary>
/// What lies behind the public links. A file that the database knew is believed in for a second, so that one that many players ask for costs no
/// query a range; its end is in what is remembered, and its bytes are looked for each time.
/// </summary>
internal sealed class PublicMedia
{
    private const int LargestMemory = 10_000;
    private static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(1);
    private static readonly string Statement = SqlText.Load("media");

    private readonly ConcurrentDictionary<Guid, Known> _known = new();
    private readonly Database _database;
    private readonly TimeProvider _time;

    // Anybody may ask for links that lead nowhere. However many do at once, they take one connection to the database.
    private readonly BatchWriter<Guid, PublicFile?> _together;

    public PublicMedia(Database database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _together = new BatchWriter<Guid, PublicFile?>(AskAsync, 256);
    }

    /// <summary>Null when there is no such file, or no longer.</summary>
    public async ValueTask<PublicFile?> FindAsync(Guid uuid, CancellationToken cancellation)
    {
        if (_known.TryGetValue(uuid, out var known) && _time.GetElapsedTime(known.At) < BelievedFor)
        {
            return known.File;
        }

        var asked = _time.GetTimestamp();
        if (await _together.WriteAsync(uuid).WaitAsync(cancellation) is not { } file)
        {
            // Not remembered: a result may be finished in the next moment.
            _known.TryRemove(uuid, out _);
            return null;
        }

        if (_known.Count >= LargestMemory)
        {
            _known.Clear();
        }

        _known[uuid] = new Known(file, asked);
        return file;
    }

    /// <summary>It has just been deleted here. Other nodes follow within the second.</summary>
    public void Forget(Guid uuid) => _known.TryRemove(uuid, out _);

    private async Task<IReadOnlyList<PublicFile?>> AskAsync(IReadOnlyList<Guid> uuids)
    {
        await using var command = _database.Relaxed.CreateCommand(Statement);
        command.Add(uuids.ToArray());
        await using var row = await command.ExecuteReaderAsync();
        var found = new Dictionary<Guid, PublicFile>();
        while (await row.ReadAsync())
        {
            found[row.GetGuid(0)] = new PublicFile(row.GetString(1), row.GetFieldValue<DateTimeOffset>(2));
        }

        return [.. uuids.Select(uuid => found.GetValueOrDefault(uuid))];
    }

    private sealed record Known(PublicFile File, long At);
}
