using Platform.Api.Lists;
using Platform.Tenants.Voices;

namespace Platform.Api.Voices;

/// <summary>Reads consents and wishes for voices from bodies: the same rules for tenants and operators.</summary>
internal static class VoiceFields
{
    public const int LongestName = 100;
    public const int LongestDescription = 2048;
    public const int LongestTranscript = 2000;

    private const int LongestPerson = 200;
    private const int LongestScope = 500;

    /// <summary>A consent about a voice or a medium, which the body names.</summary>
    public static ConsentDraft? ReadConsent(BodyFields body, DateTimeOffset now, out IReadOnlyList<FieldFault> faults)
    {
        var draft = ReadTerms(body, now) with { VoiceId = ReadId(body, "voice"), MediaUuid = ReadId(body, "media") };
        if (body.Has("voice") == body.Has("media"))
        {
            body.Refuse("voice", "Either 'voice' or 'media' says what the consent is about.");
        }

        faults = body.Finish();
        return faults.Count > 0 ? null : draft;
    }

    /// <summary>Who agreed to what and until when.</summary>
    public static ConsentDraft ReadTerms(BodyFields body, DateTimeOffset now)
    {
        var person = body.Text("person", LongestPerson, isRequired: true);
        var scope = body.Text("scope", LongestScope, isRequired: true);
        var until = body.Instant("until");
        if (until <= now)
        {
            body.Refuse("until", "'until' must lie in the future.");
        }

        return new ConsentDraft(person ?? "", scope ?? "", until);
    }

    /// <summary>A rule that is set, that stays as it is where it is absent, and that is the platform's default again where it is null.</summary>
    public static Func<bool?, bool?> ReadRule(BodyFields body, string name)
    {
        if (body.IsNull(name))
        {
            body.Expect(name);
            return static _ => null;
        }

        return body.Flag(name) is { } flag ? _ => flag : static kept => kept;
    }

    private static Guid? ReadId(BodyFields body, string name)
    {
        if (body.Text(name, 36) is not { } text)
        {
            return null;
        }

        if (Guid.TryParseExact(text, "D", out var id))
        {
            return id;
        }

        body.Refuse(name, $"'{name}' must be a UUID.");
        return null;
    }
}
