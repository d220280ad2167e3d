using System.Text.Json;

namespace Platform.Api.Lists;

/// <summary>
/// Reads the fields of a small JSON body. Nothing is coerced, and every fault is collected, so that all are told at once; a field that nobody
/// asked for is one.
/// </summary>
internal sealed class BodyFields
{
    private readonly JsonElement _object;
    private readonly string _prefix;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<FieldFault> _faults;

    private BodyFields(JsonElement json, string prefix, List<FieldFault> faults)
    {
        _object = json;
        _prefix = prefix;
        _faults = faults;
    }

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    // A document needs many times the room of its text where it is all brackets and commas. No body of this kind has more than a list of prices.
    private const int MostTokens = 10_000;

    // Whoever has more faults than this corrects these first.
    private const int MostFaults = 100;

    /// <summary>Null where the body is no JSON object, or one of more values than any has.</summary>
    public static BodyFields? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (!IsShort(body.Span))
            {
                return null;
            }

            using var document = JsonDocument.Parse(body, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new BodyFields(document.RootElement.Clone(), "", [])
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Everything that is wrong. To be asked once all fields were read; complains of the unread ones too.</summary>
    public IReadOnlyList<FieldFault> Finish()
    {
        var unknown = _object.EnumerateObject().Where(field => !_known.Contains(field.Name));
        foreach (var field in unknown.Take(Math.Max(0, MostFaults - _faults.Count)))
        {
            _faults.Add(FieldFault.Unknown(_prefix + field.Name, _known));
        }

        return [.. _faults];
    }

    private static bool IsShort(ReadOnlySpan<byte> body)
    {
        var tokens = 0;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        while (tokens <= MostTokens && reader.Read())
        {
            tokens++;
        }

        return tokens <= MostTokens;
    }

    public bool Has(string name) => _object.TryGetProperty(name, out _);

    public void Refuse(string name, string message) => _faults.Add(new FieldFault(_prefix + name, message));

    /// <summary>A text of 1 to <paramref name="longest"/> characters, not blank and without control characters; null where it is absent or wrong.</summary>
    public string? Text(string name, int longest, bool isRequired = false)
    {
        if (!Take(name, isRequired, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && TextOf(value) is { } text && !string.IsNullOrWhiteSpace(text)
            && text.Length <= longest && !text.Any(char.IsControl))
        {
            return text;
        }

        Refuse(name, $"'{_prefix}{name}' must be a text of 1 to {longest} characters, none of them a control character.");
        return null;
    }

    public string? OneOf(string name, bool isRequired, params IReadOnlyList<string> allowed)
    {
        if (!Take(name, isRequired, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && TextOf(value) is { } text && allowed.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        Refuse(name, $"'{_prefix}{name}' must be one of: {string.Join(", ", allowed)}.");
        return null;
    }

    /// <summary>A whole number; <c>1.0</c> and <c>"1"</c> are none.</summary>
    public long? Whole(string name, long min, long max, bool isRequired = false)
    {
        if (!Take(name, isRequired, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
        {
            return number;
        }

        Refuse(name, $"'{_prefix}{name}' must be a whole number from {min} to {max}.");
        return null;
    }

    public Guid? Id(string name)
    {
        if (!Take(name, isRequired: false, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && TextOf(value) is { } text && Guid.TryParseExact(text, "D", out var id))
        {
            return id;
        }

        Refuse(name, $"'{_prefix}{name}' must be a UUID.");
        return null;
    }

    /// <summary>The JSON of an object or a list, to be read by somebody else; null where it is absent.</summary>
    public string? Raw(string name) => Take(name, isRequired: false, out var value) ? value.GetRawText() : null;

    public bool? Flag(string name)
    {
        if (!Take(name, isRequired: false, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Refuse(name, $"'{_prefix}{name}' must be true or false.");
        return null;
    }

    public DateTimeOffset? Instant(string name)
    {
        if (!Take(name, isRequired: false, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && TextOf(value) is { } text && Iso8601.TryParse(text, out var instant))
        {
            return instant;
        }

        Refuse(name, $"'{_prefix}{name}' must be an instant in ISO 8601, such as 2027-01-31T00:00:00Z.");
        return null;
    }

    /// <summary>The fields of an object inside; null where it is absent or none.</summary>
    public BodyFields? Inner(string name)
    {
        if (!Take(name, isRequired: false, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return new BodyFields(value, $"{_prefix}{name}.", _faults);
        }

        Refuse(name, $"'{_prefix}{name}' must be an object.");
        return null;
    }

    /// <summary>Whether the field is there and null, which some fields take for "the default again".</summary>
    public bool IsNull(string name) => _object.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>Marks a field as one that may be there.</summary>
    public void Expect(string name) => _known.Add(name);

    private bool Take(string name, bool isRequired, out JsonElement value)
    {
        _known.Add(name);
        if (_object.TryGetProperty(name, out value))
        {
            return true;
        }

        if (isRequired)
        {
            Refuse(name, $"'{_prefix}{name}' is required.");
        }

        return false;
    }

    // A lone surrogate is no text, and only shows when the string is taken out.
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
