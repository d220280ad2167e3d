using Npgsql;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>
/// The accounting check: reads the books as an auditor would, from the rows alone. Each rule is a query for rows that break it.
/// </summary>
internal sealed class Books(NpgsqlDataSource source)
{
    private static readonly (string Rule, string Offenders)[] Rules =
    [
        ("Every task has ended, and holds nothing", """
            select task_id || ' is ' || state || ', holds ' || held from task_states
             where ($1::uuid is null or tenant_id = $1) and (held <> 0 or state in ('pending', 'running'))
            """),
        ("The money of every account sums to zero over all legs", """
            select tenant_id || ': ' || sum(amount) from ledger_legs where $1::uuid is null or tenant_id = $1
             group by tenant_id having sum(amount) <> 0
            """),
        ("Accounts equal their entries, and nothing is held", """
            select a.tenant_id || ': balance ' || a.balance || ', held ' || a.held || ', legs ' || l.own || ' and ' || l.held
              from accounts a
              join (select tenant_id,
                           sum(amount) filter (where account in ('tenant_available', 'tenant_held')) as own,
                           coalesce(sum(amount) filter (where account = 'tenant_held'), 0) as held
                      from ledger_legs group by tenant_id) l using (tenant_id)
             where ($1::uuid is null or a.tenant_id = $1) and (a.balance <> l.own or a.held <> l.held or a.held <> 0 or a.open_tasks <> 0)
            """),
        ("Each entry says what the account stood at after it", """
            select entry_id || ' ' || kind || ': ' || balance_after || ' is not ' || balance || ', or ' || held_after || ' not ' || held
              from (select e.*,
                           sum(case kind when 'capture' then -amount when 'debit' then -amount
                                         when 'hold' then 0 when 'release' then 0 else amount end) over so_far as balance,
                           sum(case kind when 'hold' then amount when 'capture' then -amount
                                         when 'release' then -amount else 0 end) over so_far as held
                      from ledger_entries e where $1::uuid is null or tenant_id = $1
                    window so_far as (partition by tenant_id order by entry_id)) as running
             where balance_after <> balance or held_after <> held
            """),
        ("One hold of price times results a task; captures for its results; the rest released, once", """
            select t.task_id || ' (' || t.state || '): held ' || e.held || ' in ' || e.holds || ', captured ' || e.captured
                   || ', released ' || e.released || ' in ' || e.releases || ' for ' || r.results || ' results'
              from tasks t
              cross join lateral (
                   select count(*) filter (where kind = 'hold') as holds, coalesce(sum(amount) filter (where kind = 'hold'), 0) as held,
                          coalesce(sum(amount) filter (where kind = 'capture'), 0) as captured,
                          count(*) filter (where kind = 'release') as releases,
                          coalesce(sum(amount) filter (where kind = 'release'), 0) as released
                     from ledger_entries where task_id = t.task_id) e
              cross join lateral (select count(*) as results from task_results where task_id = t.task_id) r
             where ($1::uuid is null or t.tenant_id = $1)
               and (e.holds <> 1 or e.held <> t.price_per_result * t.number_results or e.captured <> t.price_per_result * r.results
                    or e.released <> e.held - e.captured or e.releases > 1)
            """),
        ("Each result is charged by one capture of its own, and a task that succeeded has all its results", """
            select t.task_id || ': ' || r.results || ' results, ' || r.charged || ' charged, of ' || t.number_results
              from tasks t
              cross join lateral (
                   select count(*) as results,
                          count(*) filter (where result_index < t.number_results and 1 = (
                              select count(*) from ledger_entries e
                               where e.task_id = t.task_id and e.kind = 'capture'
                                 and e.audio_uuid = x.audio_uuid and e.amount = x.cost)) as charged
                     from task_results x where x.task_id = t.task_id) r
             where ($1::uuid is null or t.tenant_id = $1)
               and (r.charged <> r.results or (t.state = 'succeeded') <> (r.results = t.number_results))
            """),
        ("No money moved for a task that is not there", """
            select entry_id::text from ledger_entries e
             where ($1::uuid is null or tenant_id = $1)
               and task_id is not null and not exists (select from tasks t where t.task_id = e.task_id)
            """),
    ];

    /// <summary>Fails with every broken rule and its rows. Without a tenant it looks at all of them.</summary>
    public async Task CheckAsync(Guid? tenantId = null)
    {
        var broken = new List<string>();
        foreach (var (rule, offenders) in Rules)
        {
            var rows = await ReadAsync(offenders, tenantId);
            if (rows.Count > 0)
            {
                broken.Add($"{rule}; but not:\n  {string.Join("\n  ", rows.Take(10))}");
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    /// <summary>Each of these tasks is there, succeeded, and was settled in one piece.</summary>
    public async Task AllSucceededAsync(Guid tenantId, IReadOnlyCollection<string> taskUuids)
    {
        var there = await ReadAsync("select task_uuid || ' ' || state from tasks where tenant_id = $1", tenantId);
        Assert.Equal(taskUuids.Select(uuid => uuid + " succeeded").Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
    }

    private async Task<List<string>> ReadAsync(string sql, Guid? tenantId)
    {
        await using var command = source.CreateCommand(sql);
        // Long runs leave hundreds of thousands of rows, and no statistics yet.
        command.CommandTimeout = 600;
        command.Parameters.Add(
            new NpgsqlParameter { Value = (object?)tenantId ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new List<string>();
        while (await row.ReadAsync(TestContext.Current.CancellationToken))
        {
            rows.Add(row.GetString(0));
        }

        return rows;
    }
}
