using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Npgsql;
using Platform.Bench.Report;
using Platform.Bench.Stage;

namespace Platform.Bench.Money;

/// <summary>Exports of a million charges: how long each takes, and what the api's memory comes to.</summary>
internal sealed class CostsMeasure(PlatformNodes nodes, NpgsqlDataSource database, int rows)
{
    private static readonly (string Name, string Path)[] Exports =
    [
        ("csv", "/admin/v1/costs?format=csv"),
        ("json", "/admin/v1/costs"),
        ("focus", "/admin/v1/costs?format=focus"),
        ("by day", "/admin/v1/costs?groupBy=day"),
    ];

    public async Task<CostsFigure> MeasureAsync(CancellationToken cancellation)
    {
        await SeedAsync(cancellation);
        var seconds = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, path) in Exports)
        {
            var start = Stopwatch.GetTimestamp();
            var lines = await ReadAsync(path, cancellation);
            seconds[name] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (name is "csv" or "focus" && lines != rows + 1)
            {
                throw new BenchException($"the export {name} has {lines} lines and not {rows + 1}");
            }
        }

        nodes.ThrowIfOneIsGone();
        return new CostsFigure(rows, seconds, PeakMegabytes(nodes.Processes.Single(static node => node.Name == "api").Pid));
    }

    private async Task<long> ReadAsync(string path, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(nodes.Address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ServerCommands.AdminKey);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var (buffer, lines) = (new byte[128 * 1024], 0L);
        for (int read; (read = await body.ReadAsync(buffer, cancellation)) > 0;)
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        }

        return lines;
    }

    // The kernel's own count of the largest resident set that the process ever had.
    private static double PeakMegabytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture) / 1024.0;

    // Half of the tasks are forgotten, and explained by what was kept of them.
    private async Task SeedAsync(CancellationToken cancellation)
    {
        await ExecuteAsync(
            """
            with tenant as (select tenant_id, key_id from api_keys limit 1),
            made as (
                select i, (lpad(to_hex(1767225600000 + i * 20), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))::uuid as task_id,
                       timestamptz '2026-01-01' + i * interval '20 milliseconds' as at, gen_random_uuid() as task_uuid
                  from generate_series(1, $1) i
            ),
            kept as (
                insert into billed_tasks (task_id, key_id, state, price_version, units, micro_usd_per_million)
                select task_id, key_id, 'succeeded', '2020-01-01', 200, 500000 from made, tenant where i <= $1 / 2
            ),
            tasked as (
                insert into tasks (task_id, tenant_id, key_id, task_uuid, model, pool, state, number_results, price_per_result, seed, accepted_at,
                                   finished_at, price_version, units, micro_usd_per_million, request)
                select task_id, tenant_id, key_id, task_uuid, 'alibaba:qwen@3-tts-1.7b-customvoice', 'speech', 'succeeded', 1, 100, 7, at, at,
                       '2020-01-01', 200, 500000, decode(repeat('20', 400), 'hex')
                  from made, tenant where i > $1 / 2
            )
            insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model, at)
            select tenant_id, kind, 100, 0, 0, task_id, task_uuid, case kind when 'capture' then gen_random_uuid() end,
                   'alibaba:qwen@3-tts-1.7b-customvoice', at
              from made, tenant, (values ('hold'), ('capture')) k(kind) order by i, kind desc
            """,
            cancellation);
        await ExecuteAsync("analyze tasks, billed_tasks, ledger_entries", cancellation);
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        if (sql.Contains("$1", StringComparison.Ordinal))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = rows });
        }

        await command.ExecuteNonQueryAsync(cancellation);
    }
}
