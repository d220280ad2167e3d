using System.Collections.Concurrent;
using Platform.Persistence;

namespace Platform.Ledger;

/// <summary>
/// How many units a tenant was charged for in the month before a day began (UTC). It is counted once for each tenant and day, by whoever asks first,
/// and kept: so all nodes give all tasks of the day the same tier, and finance can look it up.
/// </summary>
internal sealed class VolumeMarks(Database database)
{
    private const int LargestMemory = 100_000;
    private static readonly string Statement = SqlText.Load("volume-mark");

    private readonly ConcurrentDictionary<(Guid Tenant, string Unit, DateOnly Day), long> _known = new();

    public ValueTask<long> FindForTenantAsync(Guid tenantId, string unit, DateTimeOffset at, CancellationToken cancellation)
    {
        var place = (tenantId, unit, DateOnly.FromDateTime(at.UtcDateTime));
        return _known.TryGetValue(place, out var units) ? new ValueTask<long>(units) : new ValueTask<long>(AskAsync(place, cancellation));
    }

    private async Task<long> AskAsync((Guid Tenant, string Unit, DateOnly Day) place, CancellationToken cancellation)
    {
        // None, where another one wrote it while this one counted: the next look sees it.
        object? mark = null;
        while (mark is not long)
        {
            await using var command = database.Reports.CreateCommand(Statement);
            command.Add(place.Tenant);
            command.Add(place.Unit);
            command.Add(place.Day);
            mark = await command.ExecuteScalarAsync(cancellation);
        }

        var units = (long)mark;
        if (_known.Count >= LargestMemory)
        {
            _known.Clear();
        }

        _known[place] = units;
        return units;
    }
}
