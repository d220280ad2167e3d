using System.CommandLine;
using Platform.Api.Lists;
using Platform.Api.Voices;
using Platform.Tenants.Voices;

namespace Platform.Server;

/// <summary><c>consents list | record | revoke</c>.</summary>
internal static class ConsentVerbs
{
    private static readonly Option<Guid> Id = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();

    public static Command Create() => new("consents", "Whose voices tenants may use.")
    {
        Verb.Make("list", "A tenant's consents, newest first.", [Id, Json], ListAsync),
        Record(),
        Revoke(),
    };

    private static async Task ListAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var (tenantId, consents, now) = (given.GetValue(Id), services.Get<Consents>(), services.Get<TimeProvider>().GetUtcNow());
        var all = await AllPages.ReadAsync(
            (Guid? before, int limit) => consents.ListForTenantAsync(tenantId, before, limit, cancellation), static consent => consent.ConsentId);
        var answers = all.Select(consent => ConsentAnswer.Of(consent, now)).ToList();
        Verb.Answer(
            given.GetValue(Json),
            new { Items = answers },
            TextTable.Render(["CONSENT", "ABOUT", "PERSON", "SCOPE", "UNTIL", "STATE"], answers.Select(static one => new[]
            {
                one.ConsentId.ToString(), one.Voice is { } voice ? $"voice {voice}" : $"media {one.Media}", one.Person, one.Scope,
                one.Until is { } end ? Iso8601.Write(end)[..10] : "open", one.State,
            })));
    }

    private static Command Record()
    {
        var voice = new Option<Guid?>("--voice") { Description = "The voice that it is about." };
        var media = new Option<Guid?>("--media") { Description = "Or the stored recording." };
        var person = new Option<string>("--person") { Required = true, Description = "Who agreed." };
        var scope = new Option<string>("--scope") { Required = true, Description = "To what." };
        var until = new Option<string?>("--until") { Description = "Until when, in ISO 8601, such as 2027-12-31. Default: open." };
        return Verb.Make("record", "Record a consent.", [Id, voice, media, person, scope, until, Json], async (services, given, cancellation) =>
        {
            var now = services.Get<TimeProvider>().GetUtcNow();
            var draft = new ConsentDraft(given.GetValue(person)!, given.GetValue(scope)!, ReadEnd(given.GetValue(until), now))
            {
                VoiceId = given.GetValue(voice),
                MediaUuid = given.GetValue(media),
            };
            if (draft.VoiceId is null == draft.MediaUuid is null)
            {
                throw new VerbRefusedException("Either --voice or --media says what the consent is about.");
            }

            var consent = await services.Get<Consents>().RecordAsync(given.GetValue(Id), draft, Verb.Actor, cancellation)
                ?? throw new KeyNotFoundException("The tenant has no such voice or medium.");
            Verb.Answer(given.GetValue(Json), ConsentAnswer.Of(consent, now), $"Recorded {consent.ConsentId}");
        });
    }

    private static Command Revoke()
    {
        var id = new Option<Guid>("--consent") { Required = true, Description = "The consent's id, as 'consents list' shows it." };
        return Verb.Make("revoke", "Revoke a consent: new tasks with that voice are refused.", [id, Json], async (services, given, cancellation) =>
        {
            var consent = await services.Get<Consents>().RevokeAsync(null, given.GetValue(id), Verb.Actor, cancellation)
                ?? throw new KeyNotFoundException($"There is no consent {given.GetValue(id)}: 'consents list' shows a tenant's.");
            Verb.Answer(
                given.GetValue(Json), ConsentAnswer.Of(consent, services.Get<TimeProvider>().GetUtcNow()), $"Revoked {consent.ConsentId}");
        });
    }

    private static DateTimeOffset? ReadEnd(string? text, DateTimeOffset now) =>
        text is null ? null : Iso8601.TryParse(text, out var end) && end > now ? end : throw new VerbRefusedException(
            "--until is a date or an instant in the future, in ISO 8601, such as 2027-12-31.");
}
