using System.CommandLine;
using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Api.Voices;
using Platform.Tenants.Voices;

namespace Platform.Server;

/// <summary><c>voices list | delete | rules</c>.</summary>
internal static class VoiceVerbs
{
    private const string Default = "default";
    private static readonly Option<Guid> Id = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create() => new("voices", "Voices of tenants' own, and the rules about people's voices.")
    {
        Verb.Make("list", "A tenant's own voices, newest first.", [Id, Json], ListAsync),
        Delete(),
        Rules(),
    };

    private static async Task ListAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var voices = await services.Get<TenantVoices>().ListForTenantAsync(given.GetValue(Id), cancellation);
        Verb.Answer(
            given.GetValue(Json),
            new { Items = voices.Select(OperatorsVoice.Of) },
            TextTable.Render(["VOICE", "NAME", "MODEL", "KIND", "ENGINE", "CREATED"], voices.Select(static voice => new[]
            {
                voice.VoiceId.ToString(), voice.Name, voice.Model, voice.Kind, voice.Engine, Iso8601.Write(voice.CreatedAt)[..10],
            })));
    }

    private static Command Delete()
    {
        var id = new Option<Guid>("--voice") { Required = true, Description = "The voice's id, as 'voices list' shows it." };
        return Verb.Make("delete", "Delete a voice; its provider forgets it with the next sweep.", [id, Json], async (services, given, cancellation) =>
        {
            var voice = given.GetValue(id);
            if (!await services.Get<TenantVoices>().DeleteAsync(null, voice, Verb.Actor, cancellation))
            {
                throw new KeyNotFoundException($"There is no voice {voice}: 'voices list' shows a tenant's.");
            }

            Verb.Answer(given.GetValue(Json), new { VoiceId = voice, Deleted = true }, $"Deleted {voice}");
        });
    }

    private static Command Rules()
    {
        var consent = Switch("--require-consent", "Refuse recordings and cloned voices without a consent that is in force.");
        var mark = Switch("--mark-audio", "Say in the metadata of results that a machine made them.");
        return Verb.Make("rules", "Show or change what holds for a tenant.", [Id, consent, mark, Json], async (services, given, cancellation) =>
        {
            var (tenantId, rules) = (given.GetValue(Id), services.Get<VoiceRules>());
            var (wantedConsent, wantedMark) = (given.GetValue(consent), given.GetValue(mark));
            if ((wantedConsent ?? wantedMark) is not null
                && !await rules.SetAsync(tenantId, row => Change(row, wantedConsent, wantedMark), Verb.Actor, cancellation))
            {
                throw new KeyNotFoundException($"There is no tenant {tenantId}: 'tenants list' shows all.");
            }

            var answer = VoiceRulesAnswer.Of(await rules.FindAsync(tenantId, cancellation), await rules.ReadAsync(tenantId, cancellation));
            Verb.Answer(given.GetValue(Json), answer, TextTable.Render(["RULE", "VALUE"],
            [
                ["consent required", Show(answer.RequireConsent, answer.RequireConsentIsDefault)],
                ["audio marked", Show(answer.MarkAudio, answer.MarkAudioIsDefault)],
            ]));
        });
    }

    private static void Change(VoiceRuleRow row, string? consent, string? mark)
    {
        row.RequireConsent = consent is null ? row.RequireConsent : Read(consent);
        row.MarkAudio = mark is null ? row.MarkAudio : Read(mark);
    }

    private static bool? Read(string word) => word == Default ? null : word == "on";

    private static string Show(bool value, bool isDefault) => $"{(value ? "on" : "off")}{(isDefault ? " (default)" : "")}";

    private static Option<string?> Switch(string name, string description)
    {
        var option = new Option<string?>(name) { Description = $"{description} on, off or default." };
        option.AcceptOnlyFromAmong("on", "off", Default);
        return option;
    }
}
