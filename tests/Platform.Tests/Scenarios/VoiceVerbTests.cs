using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Voices, consents and their rules on the operator's command line.</summary>
public sealed class VoiceVerbTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private readonly Guid tenant = Guid.NewGuid();
    private readonly Guid voice = Guid.NewGuid();

    [Fact]
    public async Task A_consent_is_recorded_listed_and_revoked()
    {
        await SeedAsync();
        var made = await JsonAsync(
            "consents", "record", "--tenant", $"{tenant}", "--voice", $"{voice}", "--person", "Ada", "--scope", "Guides", "--until", "2099-01-01");
        Assert.Equal(("inForce", "Ada", $"{voice}"), ((string)made["state"]!, (string)made["person"]!, (string)made["voice"]!));

        var revoked = await JsonAsync("consents", "revoke", "--consent", (string)made["consentId"]!);
        Assert.Equal("revoked", (string)revoked["state"]!);
        var (code, text) = await RunAsync("consents", "list", "--tenant", $"{tenant}");
        Assert.Equal(0, code);
        Assert.Matches($@"voice {voice}\s+Ada\s+Guides\s+2099-01-01\s+revoked", text);
    }

    [Fact]
    public async Task Rules_are_shown_set_and_given_back()
    {
        await SeedAsync();
        var changed = await JsonAsync("voices", "rules", "--tenant", $"{tenant}", "--require-consent", "on", "--mark-audio", "off");
        Assert.Equal((true, false, false, false), (
            (bool)changed["requireConsent"]!, (bool)changed["markAudio"]!, (bool)changed["requireConsentIsDefault"]!, (bool)changed["markAudioIsDefault"]!));

        await JsonAsync("voices", "rules", "--tenant", $"{tenant}", "--mark-audio", "default");
        var (_, text) = await RunAsync("voices", "rules", "--tenant", $"{tenant}");
        Assert.Matches(@"consent required\s+on\s*\n\s*audio marked\s+off \(default\)", text);
    }

    [Fact]
    public async Task A_voice_is_listed_and_deleted()
    {
        await SeedAsync();
        Assert.Equal($"{voice}", (string)Assert.Single((await JsonAsync("voices", "list", "--tenant", $"{tenant}"))["items"]!.AsArray())!["voiceId"]!);
        Assert.True((bool)(await JsonAsync("voices", "delete", "--voice", $"{voice}"))["deleted"]!);
        Assert.Empty((await JsonAsync("voices", "list", "--tenant", $"{tenant}"))["items"]!.AsArray());
    }

    [Theory]
    [InlineData(1, "There is no consent", "consents", "revoke", "--consent", "01890a5d-ac96-774b-bcce-b302099a8057")]
    [InlineData(1, "There is no voice", "voices", "delete", "--voice", "01890a5d-ac96-774b-bcce-b302099a8057")]
    [InlineData(1, "There is no tenant", "voices", "rules", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--mark-audio", "on")]
    [InlineData(1, "Either --voice or --media", "consents", "record", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--person", "A", "--scope", "B")]
    [InlineData(2, "on", "voices", "rules", "--tenant", "01890a5d-ac96-774b-bcce-b302099a8057", "--mark-audio", "perhaps")]
    public async Task What_cannot_be_done_is_said_in_a_line_with_an_exit_code(int exitCode, string sentence, params string[] arguments)
    {
        var (code, text) = await RunAsync(arguments);
        Assert.Equal(exitCode, code);
        Assert.Contains(sentence, text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    private async Task SeedAsync()
    {
        await ExecuteAsync("insert into tenants (tenant_id, name, billing, weight, created_at) values ($1, 'acme', 'prepaid', 1, now())", tenant);
        await ExecuteAsync(
            """
            insert into voices (voice_id, tenant_id, name, model, kind, engine, label, provider_name, target_model, created_at, made_at)
            values ($2, $1, 'Narrator', 'alibaba:qwen@3-tts-flash', 'cloned', 'cloud', 'v1', 'vc-1', 'qwen3-tts-vc', now(), now())
            """,
            tenant, voice);
    }

    private async Task ExecuteAsync(string sql, params Guid[] values)
    {
        await using var command = database.Source.CreateCommand(sql);
        Array.ForEach(values, value => command.Parameters.Add(new() { Value = value }));
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
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
}
