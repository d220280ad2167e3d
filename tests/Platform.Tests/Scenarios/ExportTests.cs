using System.Globalization;
using System.Net.Http.Headers;
using Npgsql;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>
/// An export of many rows from a server of its own: its memory must not grow with them. PLATFORM_EXPORT_ROWS asks for more than the few that
/// fit into every run; the bar is a million in 30 s and 300 MB.
/// </summary>
[Collection(Alone.Name)]
public sealed class ExportTests(TestDatabase database, ITestOutputHelper output) : IClassFixture<TestDatabase>, IDisposable
{
    private const string AdminKey = "admin-key-of-the-export";
    private const long MostMegabytes = 300;

    private readonly Uri address = new($"http://127.0.0.1:{FreePort.One()}");
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Costs_and_usage_stay_cheap_however_many_rows_there_are()
    {
        var rows = int.Parse(Environment.GetEnvironmentVariable("PLATFORM_EXPORT_ROWS") ?? "30000", CultureInfo.InvariantCulture);
        await using var server = await Running.StartAsync(
            ["--data", folder.Path, "--urls", address.OriginalString],
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["PLATFORM_DATABASE__CONNECTIONSTRING"] = database.ConnectionString,
                ["PLATFORM_ADMIN_KEY"] = AdminKey,
            });
        var customer = await new Operator(address, AdminKey).NewCustomerAsync(credit: 0);
        await SeedAsync(customer.TenantId, rows);

        foreach (var path in new[] { "/admin/v1/costs?format=csv", "/admin/v1/costs", "/v1/costs?format=csv", "/admin/v1/costs?groupBy=day" })
        {
            await TimeAsync(path, () => ReadAsync(path, path.StartsWith("/v1", StringComparison.Ordinal) ? customer.Key! : AdminKey, rows));
        }

        var own = new Operator(address, customer.Key);
        foreach (var path in new[]
        {
            "/v1/tasks", "/v1/tasks?state=failed", "/v1/tasks?state=running", "/v1/ledger", "/v1/ledger?to=2026-01-02", "/v1/balance",
        })
        {
            await TimeAsync(path, async () => Assert.Equal(200, (await own.GetAsync(path)).Status));
        }

        var details = new System.Text.Json.Nodes.JsonObject
        {
            ["taskType"] = "accountManagement", ["taskUUID"] = Ask.NewUuid(), ["operation"] = "getDetails",
        };
        await TimeAsync("getDetails before a sweep", () => customer.SendAsync(details));
        await using var platform = new Platform.Persistence.Database(database.ConnectionString, maxConnections: 2);
        await TimeAsync("the sweep", () => new Platform.Ledger.RollUsage(platform).RunAsync(TestContext.Current.CancellationToken));
        await TimeAsync("getDetails", async () => Assert.Equal(
            rows, (int)(await customer.SendAsync(details)).Item["usage"]!["total"]!["requests"]!));

        var peak = Megabytes(server.Id);
        output.WriteLine($"Peak memory of the server: {peak} MB.");
        Assert.InRange(peak, 1, MostMegabytes);
    }

    private async Task TimeAsync(string what, Func<Task> work)
    {
        var start = TimeProvider.System.GetTimestamp();
        await work();
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        output.WriteLine($"{what}: {seconds:F2} s");
        Assert.True(seconds < 30, $"{what} took {seconds:F1} s.");
    }

    private async Task ReadAsync(string path, string key, int rows)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
        using var text = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var (length, lines) = (0L, 0L);
        var buffer = new char[64 * 1024];
        for (int read; (read = await text.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0; length += read)
        {
            lines += buffer.AsSpan(0, read).Count('\n');
        }

        Assert.True(path.Contains("csv", StringComparison.Ordinal) ? lines == rows + 1 : length > 50, $"{lines} lines, {length} characters");
    }

    // Peak resident set, as the kernel counts it.
    private static long Megabytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture) / 1024;

    private async Task SeedAsync(Guid tenant, int rows)
    {
        await using var command = database.Source.CreateCommand(
            """
            with made as (
                select i, (lpad(to_hex(1767225600000 + i * 20), 12, '0') || '7000' || '8000' || lpad(to_hex(i), 12, '0'))::uuid as task_id,
                       timestamptz '2026-01-01' + i * interval '20 milliseconds' as at
                  from generate_series(1, $2) i
            ),
            tasked as (
                insert into tasks (task_id, tenant_id, key_id, task_uuid, model, pool, state, number_results, price_per_result, seed, accepted_at,
                                   finished_at, price_version, units, micro_usd_per_million, request)
                select task_id, $1, (select key_id from api_keys where tenant_id = $1), gen_random_uuid(), 'a:model@1', 'speech', 'succeeded', 1,
                       100, 7, at, at, '2020-01-01', 42, 500000, decode(repeat('20', 600), 'hex') from made
                returning task_id, task_uuid, accepted_at
            )
            insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model, at)
            select $1, kind, 100, 0, 0, task_id, task_uuid, case kind when 'capture' then gen_random_uuid() end, 'a:model@1', accepted_at
              from tasked, (values ('hold'), ('capture')) k(kind) order by task_id, kind desc
            """);
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter { Value = tenant });
        command.Parameters.Add(new NpgsqlParameter { Value = rows });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        // As the database does by itself a minute later.
        await using var analyze = database.Source.CreateCommand("analyze tasks, ledger_entries");
        await analyze.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
