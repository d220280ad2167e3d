using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// Reads the text of a JSON number as its exact value: <c>long</c> for whole numbers however they are written
/// (1, 1.0 and 1e0 are the same number to JSON Schema, draft 6 and later), <c>decimal</c> for others.
/// </summary>
internal static class JsonNumber
{
    // More text than any exact decimal needs; bounds the work on a number of a million digits.
    private const int LongestText = 64;

    private const int DecimalDigits = 28;

    /// <summary>
    /// A number that neither form holds exactly (1e400, 30 digits) becomes an undefined token: of no JSON type, so that every
    /// schema calls it wrong, and nothing behind can overflow on it or round it to a value that would be allowed.
    /// </summary>
    public static JValue Read(ReadOnlySpan<byte> text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            return new JValue(whole);
        }

        if (!FitsDecimal(text) || !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            return JValue.CreateUndefined();
        }

        return value == decimal.Truncate(value) && value is >= long.MinValue and <= long.MaxValue
            ? new JValue((long)value)
            : new JValue(value);
    }

    // decimal.TryParse rounds what it cannot hold, silently, so the digits are counted first.
    private static bool FitsDecimal(ReadOnlySpan<byte> text)
    {
        if (text.Length > LongestText)
        {
            return false;
        }

        var mark = text.IndexOfAny((byte)'e', (byte)'E');
        var exponent = 0;
        if (mark >= 0 && !int.TryParse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
        {
            return false;
        }

        var mantissa = mark >= 0 ? text[..mark] : text;
        var point = mantissa.IndexOf((byte)'.');
        if (point >= 0)
        {
            mantissa = mantissa.TrimEnd((byte)'0');
        }

        var fraction = point < 0 ? 0 : mantissa.Length - point - 1;
        var significant = mantissa.TrimStart("-0."u8);
        var digits = significant.Length - (significant.Contains((byte)'.') ? 1 : 0);
        return digits <= DecimalDigits && fraction - (long)exponent <= DecimalDigits;
    }
}
