using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Persistence;
using Platform.Pricing;

namespace Platform.Tasks;

/// <summary>Step 6 of the walk: takes the fairest waiting tasks of a pool, each under a lease.</summary>
internal sealed class ClaimTasks(Database database, IOptions<TasksOptions> options)
{
    private static readonly string Statement = SqlText.Load("claim");
    private readonly KeptConnection _connection = database.KeepRelaxed("claim");

    /// <summary>
    /// At most <paramref name="most"/> tasks, the fairest first; none when nothing waits. Not tried again on a fault: a claim whose
    /// answer was lost leaves leases that run out, and the caller asks again anyway.
    /// </summary>
    public Task<List<ClaimedTask>> ClaimAsync(string pool, int most, CancellationToken cancellation) =>
        _connection.RunAsync(connection => ClaimAsync(connection, pool, most, cancellation), cancellation);

    private async Task<List<ClaimedTask>> ClaimAsync(NpgsqlConnection connection, string pool, int most, CancellationToken cancellation)
    {
        var token = Guid.NewGuid();
        await using var command = new NpgsqlCommand(Statement, connection);
        command.Add(pool);
        command.Add(most);
        command.Add(token);
        command.Add(TimeSpan.FromSeconds(options.Value.LeaseSeconds));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var claimed = new List<ClaimedTask>();
        while (await reader.ReadAsync(cancellation))
        {
            claimed.Add(Read(reader, token) with { Pool = pool });
        }

        return claimed;
    }

    private static ClaimedTask Read(NpgsqlDataReader row, Guid token) => new()
    {
        TaskId = row.GetGuid(0),
        TenantId = row.GetGuid(1),
        TaskUuid = row.GetGuid(2),
        Model = row.GetString(3),
        LeaseToken = token,
        Attempt = row.GetInt16(4),
        NumberResults = row.GetInt16(5),
        PricePerResult = row.GetInt64(6),
        Seed = row.GetInt64(7),
        Deadline = row.GetFieldValue<DateTimeOffset>(8),
        Request = row.GetFieldValue<byte[]>(9),
        IsCapped = row.GetBoolean(10),
        Finished = row.GetFieldValue<short[]>(11),
        Waited = row.GetFieldValue<TimeSpan>(12),
        Age = row.GetFieldValue<TimeSpan>(13),
        Trace = row.IsDBNull(14) ? null : row.GetFieldValue<byte[]>(14),
        Terms = PriceTerms.Parse(row.IsDBNull(15) ? null : row.GetString(15)),
        MicroUsdPerMillion = row.IsDBNull(16) ? 0 : row.GetInt64(16),
    };
}
