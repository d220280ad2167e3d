using System.Globalization;

namespace Platform.Api.Lists;

/// <summary>Instants as people and programs write them: a date (midnight UTC), or date and time with <c>Z</c> or an offset.</summary>
internal static class Iso8601
{
    private static readonly string[] Forms =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mmK",
        "yyyy-MM-dd'T'HH:mm:ssK",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    // A '+' of an offset that nobody percent-encoded arrives as a space.
    public static bool TryParse(string text, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(
            text.Replace(' ', '+'),
            Forms,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out instant)
        && instant.Year >= 1970;

    /// <summary>As every answer writes it: UTC, to the microsecond, which is what the database keeps.</summary>
    public static string Write(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
