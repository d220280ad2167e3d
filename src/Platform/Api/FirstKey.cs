using System.Text.Json;

namespace Platform.Api;

/// <summary>
/// Finds the key in the beginning of a body whose rest is not here yet: that of an <c>authentication</c> task which comes first. What it
/// passes over is judged later, with all of the body.
/// </summary>
internal static class FirstKey
{
    /// <summary>Null where the first task is none of that type, or does not end within these bytes.</summary>
    public static string? Of(ReadOnlySpan<byte> start)
    {
        var json = new Utf8JsonReader(start, isFinalBlock: false, new JsonReaderState());
        try
        {
            return json.Read() && (json.TokenType != JsonTokenType.StartArray || json.Read()) && json.TokenType == JsonTokenType.StartObject
                ? Read(ref json)
                : null;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Broken, or text that is not Unicode: whatever it is, it is no key.
            return null;
        }
    }

    private static string? Read(ref Utf8JsonReader json)
    {
        string? key = null;
        var isAuthentication = false;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var (isType, isKey) = (json.ValueTextEquals("taskType"u8), json.ValueTextEquals("apiKey"u8));
            if (!json.Read() || (json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && !json.TrySkip()))
            {
                return null;
            }

            var text = json.TokenType == JsonTokenType.String && (isType || isKey) ? json.GetString() : null;
            isAuthentication |= isType && text == RateGate.Authentication;
            key = isKey ? text : key;
        }

        return isAuthentication && json.TokenType == JsonTokenType.EndObject ? key : null;
    }
}
