using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Platform.Engines.OpenAiSpeech;

/// <summary>Every way in which a speech server gives no audio, and what each means for the task. What a server writes may hold the text,
/// so nothing of it is passed on but short codes.</summary>
internal static class SpeechFailures
{
    private const int LongestCode = 40;

    public static readonly EngineFailure NotReached =
        EngineFailure.Of(FailureKind.Away, "connect", "not-reached", "The speech engine could not be reached.");

    public static readonly EngineFailure Cut =
        EngineFailure.Of(FailureKind.Broken, "read", "cut", "The speech engine broke off in the middle of its answer.");

    public static readonly EngineFailure Stalled =
        EngineFailure.Of(FailureKind.Broken, "read", "stalled", "The speech engine stopped in the middle of its answer.");

    public static readonly EngineFailure NotAudio =
        EngineFailure.Of(FailureKind.Broken, "read", "not-audio", "The speech engine gave something other than audio.");

    public static readonly EngineFailure Runaway = EngineFailure.Of(
        FailureKind.Rejected, "speak", "runaway", "The model found no end of this text, with three seeds. Another wording or seed may help.");

    public static readonly EngineFailure Silent = EngineFailure.Of(
        FailureKind.Rejected, "speak", "silent", "The model said nothing for this text, with three seeds. Another wording or seed may help.");

    public static readonly EngineFailure UnknownVoice =
        new("start", "unknown-voice", "The speech engine does not have this voice.", RetryHelps: false);

    public static readonly EngineFailure NoReference =
        new("start", "no-reference", "This model needs a recording to imitate.", RetryHelps: false);

    public static readonly EngineFailure Spool =
        EngineFailure.Of(FailureKind.Away, "read", "spool", "The worker's disk takes no audio.");

    /// <summary>A status other than success.</summary>
    /// <param name="code">The server's own short code, from <see cref="CodeIn"/>.</param>
    public static EngineFailure OfStatus(HttpStatusCode status, string code, TimeSpan? retryAfter)
    {
        var number = (int)status;
        var name = code.Length == 0 ? $"http-{number}" : $"http-{number}-{code}";
        return number switch
        {
            429 when code is "insufficient_quota" => Operator(name),
            429 or 503 => EngineFailure.Of(FailureKind.Busy, "speak", name, "The speech engine is busy.") with { RetryAfter = retryAfter },
            502 or 504 => EngineFailure.Of(FailureKind.Away, "speak", name, "The speech engine is away.") with { RetryAfter = retryAfter },
            // A model of another name, or an address that is none: nothing that a customer did.
            401 or 402 or 403 or 404 or 405 or (>= 300 and < 400) => Operator(name),
            400 or 413 or 414 or 415 or 422 => EngineFailure.Of(
                FailureKind.Rejected, "speak", name, "The speech engine refused the request."),
            _ => EngineFailure.Of(FailureKind.Broken, "speak", name, "The speech engine failed."),
        };
    }

    /// <summary>The code or type of an error body in the form of OpenAI; empty when it has none that is fit for a log.</summary>
    public static string CodeIn(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            var error = JsonElement.ParseValue(ref reader);
            error = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("error", out var inner) ? inner : error;
            return error.ValueKind != JsonValueKind.Object ? ""
                : Text(error, "code") is { Length: > 0 } code && !char.IsAsciiDigit(code[0]) ? code : Text(error, "type");
        }
        catch (JsonException)
        {
            return "";
        }
    }

    /// <summary>Seconds or a date, as RFC 9110 has it; null when there is none that makes sense.</summary>
    public static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } when delta > TimeSpan.Zero => delta,
        { Date: { } date } when date > now => date - now,
        _ => null,
    };

    private static EngineFailure Operator(string name) =>
        EngineFailure.Of(FailureKind.Misconfigured, "speak", name, "The speech engine is not set up rightly.");

    private static string Text(JsonElement error, string member)
    {
        var text = error.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return text.Length <= LongestCode && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            ? text.ToLower(CultureInfo.InvariantCulture) : "";
    }
}
