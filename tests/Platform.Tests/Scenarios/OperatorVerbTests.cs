using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The operator's command line, as a person and as a program use it.</summary>
public sealed class OperatorVerbTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task A_tenants_whole_life()
    {
        var made = await JsonAsync("tenants", "create", "--name", "acme", "--billing", "postpaid", "--credit-limit", "5", "--credit", "2.5");
        var id = (string)made["tenantId"]!;
        Assert.StartsWith("whsec_", (string)made["webhookSecret"]!, StringComparison.Ordinal);

        var changed = await JsonAsync("tenants", "set", "--tenant", id, "--weight", "7", "--max-running", "3");
        Assert.Equal((7, 3), ((int)changed["tenant"]!["weight"]!, (int)changed["tenant"]!["limits"]!["maxRunning"]!));
        Assert.True((bool)(await JsonAsync("tenants", "suspend", "--tenant", id))["tenant"]!["suspended"]!);
        Assert.False((bool)(await JsonAsync("tenants", "resume", "--tenant", id))["tenant"]!["suspended"]!);

        var booked = await JsonAsync("credits", "add", "--tenant", id, "--amount", "-7.5", "--reference", "r1");
        Assert.Equal((true, -7_500_000, -5_000_000),
            ((bool)booked["booked"]!, (long)booked["amount"]!, (long)booked["balanceAfter"]!));
        Assert.False((bool)(await JsonAsync("credits", "add", "--tenant", id, "--amount", "1", "--reference", "r1"))["booked"]!);
        Assert.Equal(0, (long)(await JsonAsync("credits", "balance", "--tenant", id))["available"]!);
        Assert.Equal("debit credit", string.Join(' ',
            (await JsonAsync("credits", "ledger", "--tenant", id))["items"]!.AsArray().Select(entry => entry!["kind"])));
        Assert.Contains((await JsonAsync("tenants", "list"))["items"]!.AsArray(), one => (string?)one!["tenantId"] == id);
        Assert.Contains("cli ", await AskAsync("select actor from audit_log where tenant_id = $1 limit 1", id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erasure_ends_the_keys_at_once_and_says_how_far_it_is()
    {
        var id = (string)(await JsonAsync("tenants", "create", "--name", "leaving", "--credit", "2"))["tenantId"]!;
        await JsonAsync("keys", "create", "--tenant", id);

        var asked = await JsonAsync("tenants", "erase", "--tenant", id, "--yes", "--wait", "0");

        Assert.Equal(id, (string?)asked["tenantId"]);
        Assert.Null(asked["erasedAt"]);
        // Its prefix stays, for the costs of the past; it opens nothing any more.
        Assert.NotNull(Assert.Single((await JsonAsync("keys", "list", "--tenant", id))["items"]!.AsArray())!["revokedAt"]);
        Assert.Equal("erased", (string?)(await JsonAsync("tenants", "show", "--tenant", id))["tenant"]!["name"]);
        Assert.Equal(2_000_000, (long)(await JsonAsync("credits", "balance", "--tenant", id))["available"]!);
        foreach (var verb in new[] { "tenants resume", "tenants set --name back", "keys create" })
        {
            var (refused, why) = await RunAsync([.. verb.Split(' '), "--tenant", id]);
            Assert.Equal(1, refused);
            Assert.Contains("is erased and stays so", why, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", why, StringComparison.Ordinal);
        }

        var (code, text) = await RunAsync("tenants", "erase", "--tenant", id, "--yes", "--wait", "0");
        Assert.Equal(0, code);
        Assert.Contains("Run this again", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked()
    {
        var id = (string)(await JsonAsync("tenants", "create", "--name", "keys"))["tenantId"]!;
        var made = await JsonAsync("keys", "create", "--tenant", id, "--name", "robot", "--env", "test", "--expires", "2100-01-01");
        Assert.StartsWith("rw_test_", (string)made["key"]!, StringComparison.Ordinal);

        var found = Assert.Single((await JsonAsync("keys", "find", "--prefix", (string)made["key"]!))["items"]!.AsArray())!;
        Assert.Equal((id, (string)made["keyId"]!, "active"), ((string)found["tenantId"]!, (string)found["keyId"]!, (string)found["state"]!));
        await JsonAsync("keys", "revoke", "--key", (string)found["keyId"]!);
        var (whose, shown) = await RunAsync("keys", "find", "--prefix", (string)made["prefix"]!);
        Assert.Equal(0, whose);
        Assert.Matches($@"{id}\s+{made["prefix"]}\s+robot\s+revoked", shown);

        var (code, text) = await RunAsync("keys", "list", "--tenant", id);
        Assert.Equal(0, code);
        Assert.Matches(@"KEY\s+PREFIX\s+NAME\s+STATE", text);
        Assert.Matches($@"{made["prefix"]}\s+robot\s+revoked\s+\S+\s+2100-01-01", text);
        Assert.DoesNotContain((string)made["key"]!, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "There is no tenant", "tenants", "show", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057")]
    [InlineData(1, "only a postpaid tenant has a credit limit", "tenants", "create", "--name", "a", "--credit-limit", "1")]
    [InlineData(1, "at most six decimal places", "tenants", "create", "--name", "a", "--credit", "0.0000001")]
    [InlineData(1, "There is no key", "keys", "revoke", "--key", "01890a5d-ac96-774b-bcce-b302099a8057")]
    [InlineData(1, "six characters behind its second _", "keys", "find", "--prefix", "rw_live_abcde")]
    [InlineData(1, "No key here begins with rw_live_nobody", "keys", "find", "--prefix", "rw_live_nobodyhasthis")]
    [InlineData(1, "add --yes", "tenants", "erase", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057")]
    [InlineData(1, "There is no tenant", "tenants", "erase", "--yes", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057")]
    [InlineData(2, "--weight is a whole number from 1 to 1000", "tenants", "create", "--name", "a", "--weight", "0")]
    [InlineData(2, "'--tenant' is required", "credits", "balance")]
    [InlineData(2, "small letters", "keys", "create", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--env", "Li_ve")]
    public async Task What_cannot_be_done_is_said_in_a_line_with_an_exit_code(int exitCode, string sentence, params string[] arguments)
    {
        var (code, text) = await RunAsync(arguments);

        Assert.Equal(exitCode, code);
        Assert.Contains(sentence, text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beside_a_running_embedded_server_they_use_its_database()
    {
        await Needed.PostgresAsync();
        using var folder = new TempFolder();
        var address = new Uri($"http://127.0.0.1:{FreePort.One()}");
        await using var server = await Running.StartAsync(["--data", folder.Path, "--urls", address.OriginalString], Running.FastSweeps);
        await using var verb = await ServerProcess.StartAsync(["tenants", "create", "--name", "beside", "--json", "--data", folder.Path]);
        var line = await verb.WaitForLineAsync(line => line.StartsWith('{'));
        Assert.Equal(0, await verb.Exit);

        var admin = new Operator(address, File.ReadAllText(folder["admin.key"]).Trim());
        Assert.Equal("beside", (string?)(await admin.GetAsync($"tenants/{JsonNode.Parse(line)!["tenantId"]}")).Json["name"]);
        Assert.False(server.Exit.IsCompleted);
        Assert.Equal(0, await server.StopAsync());
    }

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
        var code = await verb.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await verb.StopAsync();
        return (code, verb.Lines.Text);
    }

    private async Task<string> AskAsync(string sql, string tenant)
    {
        await using var command = database.Source.CreateCommand(sql);
        command.Parameters.Add(new() { Value = Guid.Parse(tenant) });
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
