using System.Globalization;
using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The command line of finance: refunds, grants, prices, exports, statements, reconciliation and the audit log.</summary>
public sealed class FinanceVerbTests(TestDatabase database) : IClassFixture<TestDatabase>, IDisposable
{
    private const string Model = "alibaba:qwen@3-tts-1.7b-customvoice";
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_month_of_an_account_is_booked_stated_reconciled_and_audited()
    {
        var id = await TenantAsync("10");
        await JsonAsync("credits", "grant", "--tenant", id, "--amount", "2", "--expires", "2100-01-01", "--reference", "g", "--reason", "welcome");
        await JsonAsync("credits", "adjust", "--tenant", id, "--amount", "-0.5", "--reference", "a", "--reason", "a mistake");
        var grants = (await JsonAsync("credits", "grants", "--tenant", id))["items"]!.AsArray();
        Assert.Equal(2_000_000, (long)Assert.Single(grants)!["remaining"]!);

        var month = TimeProvider.System.GetUtcNow().ToString("yyyy-MM", CultureInfo.InvariantCulture);
        var (csv, page) = (folder["s.csv"], folder["s.html"]);
        Assert.Equal(0, (await RunAsync("statement", "--tenant", id, "--month", month, "--out", csv)).Code);
        Assert.Equal(0, (await RunAsync("statement", "--tenant", id, "--month", month, "--format", "html", "--out", page)).Code);
        Assert.EndsWith(",11500000", (await File.ReadAllTextAsync(csv, Token)).TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("a mistake", await File.ReadAllTextAsync(page, Token), StringComparison.Ordinal);

        var (code, text) = await RunAsync("reconcile", "--report", folder["reports"]);
        Assert.True(code == 0, text);
        Assert.Contains("All books agree. Not compared: stripe-payments, stripe-reversals", text, StringComparison.Ordinal);
        Assert.Contains("(Stripe is not configured).", text, StringComparison.Ordinal);
        Assert.Equal(3, Directory.GetFiles(folder["reports"]).Length);
        var records = (await JsonAsync("audit", "list", "--tenant", id, "--action", "credits."))["items"]!.AsArray();
        Assert.Equal("credits.adjustment credits.grant credits.credit", string.Join(' ', records.Select(record => record!["action"])));
    }

    [Fact]
    public async Task A_difference_ends_it_with_1_and_the_printed_command_repairs_it()
    {
        var id = await TenantAsync("1");
        await ExecuteAsync("update accounts set balance = balance + 5 where tenant_id = $1", id);

        var (code, text) = await RunAsync("reconcile", "--json");
        var repair = $"reconcile rebuild --tenant {id}";
        Assert.Equal(1, code);
        Assert.Contains("balanceOff", text, StringComparison.Ordinal);
        Assert.Contains(repair, text, StringComparison.Ordinal);

        Assert.Equal(0, (await RunAsync(repair.Split(' '))).Code);
        (code, text) = await RunAsync("reconcile");
        Assert.True(code == 0, text);
    }

    [Fact]
    public async Task Costs_are_exported_in_every_format_and_a_refund_is_in_them()
    {
        var id = await TenantAsync("1");
        var (task, audio) = (Guid.NewGuid(), Guid.NewGuid());
        await ExecuteAsync(
            """
            with moved as (
                insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model)
                values ($1, 'hold', 100, 1000000, 100, $2, $2, null, 'a:model@1'), ($1, 'capture', 100, 999900, 0, $2, $2, $3, 'a:model@1')),
            billed as (
                insert into billed_tasks (task_id, key_id, state, price_version) values ($2, $2, 'succeeded', '2020-01-01'))
            update accounts set balance = 999900 where tenant_id = $1
            """,
            id, task, audio);
        var refund = await JsonAsync("credits", "refund", "--tenant", id, "--audio", $"{audio}", "--reference", "r", "--reason", "crackles");
        Assert.Equal((true, 100L), ((bool)refund["booked"]!, (long)refund["amount"]!));
        Assert.Contains("all of it has been refunded", (await RunAsync(
            "credits", "refund", "--tenant", id, "--task", $"{task}", "--reference", "s", "--reason", "more")).Text, StringComparison.Ordinal);

        foreach (var (format, column) in new[] { ("csv", "amountMicroUsd"), ("focus", "BilledCost"), ("json", "items") })
        {
            var file = folder[$"costs.{format}"];
            var (code, text) = await RunAsync("costs", "export", "--tenant", id, "--format", format, "--out", file);
            Assert.True(code == 0, text);
            Assert.Contains(column, await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
        }

        var rows = (await File.ReadAllTextAsync(folder["costs.csv"], Token)).TrimEnd().Split("\r\n")[1..];
        Assert.Equal(0, rows.Sum(row => long.Parse(row.Split(',')[10], CultureInfo.InvariantCulture)));
        Assert.Equal(0, (await RunAsync("costs", "export", "--group-by", "day")).Code);
    }

    [Fact]
    public async Task Prices_of_a_tenant_are_set_listed_and_reset()
    {
        var id = await TenantAsync("1");

        var set = await JsonAsync(
            "prices", "set", "--tenant", id, "--model", Model, "--per-million", "400000", "--tiers", "1000=300000,2000=200000");
        await JsonAsync("prices", "reset", "--tenant", id, "--model", Model, "--from", "2100-01-01");

        var listed = (await JsonAsync("prices", "list", "--tenant", id))["items"]!.AsArray();
        Assert.Equal(2, listed.Count);
        Assert.Equal($"{set["version"]} 300000", $"{listed[0]!["version"]} {listed[0]!["price"]!["tiers"]![0]!["microUsdPerMillion"]}");
        Assert.Null(listed[1]!["price"]);
    }

    [Theory]
    [InlineData(0, "The price book is right", "prices", "check")]
    [InlineData(1, "cannot be read as a price book", "prices", "check", "--file", "/nowhere/book.json")]
    [InlineData(1, "there is no model", "prices", "set", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--model", "x", "--per-million", "1")]
    [InlineData(1, "the three figures", "prices", "set", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--model", Model, "--per-million", "-1")]
    [InlineData(1, "--tiers is a list", "prices", "set", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--model", Model, "--per-million", "1",
        "--tiers", "x")]
    [InlineData(1, "There is no tenant", "prices", "reset", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--model", Model)]
    [InlineData(1, "either --task or --audio", "credits", "refund", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--reference", "r", "--reason", "r")]
    [InlineData(1, "must lie in the future", "credits", "grant", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--amount", "1", "--expires", "2020-01-01",
        "--reference", "r", "--reason", "r")]
    [InlineData(1, "must not be 0", "credits", "adjust", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--amount", "0",
        "--reference", "r", "--reason", "r")]
    [InlineData(1, "at most six decimal places", "credits", "adjust", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--amount", "0.0000001",
        "--reference", "r", "--reason", "r")]
    [InlineData(1, "one that has begun", "statement", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--month", "2026-13")]
    [InlineData(1, "There is no tenant", "statement", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--month", "2026-01")]
    [InlineData(1, "There is no tenant", "reconcile", "rebuild", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057")]
    [InlineData(1, "--to must lie after --from", "reconcile", "--from", "2026-02-01", "--to", "2026-01-01")]
    public async Task What_cannot_be_done_is_said_in_a_line_with_an_exit_code(int exitCode, string sentence, params string[] arguments)
    {
        var (code, text) = await RunAsync(arguments);

        Assert.Equal(exitCode, code);
        Assert.Contains(sentence, text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("add", "10000000000", "less than a billion")]
    [InlineData("adjust", "-5", "has less available")]
    public async Task Money_that_is_not_moved_leaves_a_record_of_who_wanted_it(string verb, string amount, string why)
    {
        var id = await TenantAsync("1");

        var (code, _) = await RunAsync("credits", verb, "--tenant", id, $"--amount={amount}", "--reference", "r-9", "--reason", "by mistake");

        Assert.Equal(1, code);
        var record = (await JsonAsync("audit", "list", "--tenant", id, "--action", $"credits.{verb}.refused"))["items"]!.AsArray().Single()!;
        Assert.StartsWith("cli ", (string?)record["actor"], StringComparison.Ordinal);
        Assert.Equal($"r-9 {amount}", $"{record["subject"]} {record["after"]!["usd"]}");
        Assert.Contains(why, (string?)record["after"]!["why"], StringComparison.Ordinal);
        Assert.Equal(1_000_000, (long)(await JsonAsync("credits", "balance", "--tenant", id))["balance"]!);
    }

    [Fact]
    public async Task A_note_is_a_record()
    {
        var id = await TenantAsync("1");

        await JsonAsync("audit", "note", "--tenant", id, "--subject", "repair:chainBroken:7", "--text", "looked at it");

        var record = (await JsonAsync("audit", "list", "--tenant", id, "--action", "audit.note"))["items"]!.AsArray().Single()!;
        Assert.Equal("repair:chainBroken:7 looked at it", $"{record["subject"]} {record["after"]!["note"]}");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<string> TenantAsync(string credit) =>
        (string)(await JsonAsync("tenants", "create", "--name", "finance", "--credit", credit))["tenantId"]!;

    private async Task<JsonNode> JsonAsync(params string[] arguments)
    {
        var (code, text) = await RunAsync([.. arguments, "--json"]);
        Assert.True(code == 0, text);
        return JsonNode.Parse(text.Split('\n').First(line => line.StartsWith('{')))!;
    }

    private async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        await using var verb = await ServerProcess.StartAsync(
            arguments,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PLATFORM_DATABASE__CONNECTIONSTRING"] = database.ConnectionString });
        var code = await verb.Exit.WaitAsync(TimeSpan.FromSeconds(60), Token);
        await verb.StopAsync();
        return (code, verb.Lines.Text);
    }

    private async Task ExecuteAsync(string sql, string tenant, params object[] more)
    {
        await using var command = database.Source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = Guid.Parse(tenant) });
        Array.ForEach(more, value => command.Parameters.Add(new() { Value = value }));
        await command.ExecuteNonQueryAsync(Token);
    }
}
