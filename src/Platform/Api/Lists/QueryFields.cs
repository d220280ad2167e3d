using System.Globalization;
using Platform.Ledger;

namespace Platform.Api.Lists;

/// <summary>
/// Reads the query of a list. Every fault is collected, so that all are told at once; a name that nobody asked for is one, because a
/// mistyped <c>from</c> would otherwise answer a question that was not meant.
/// </summary>
internal sealed class QueryFields(IQueryCollection query)
{
    public const int LargestPage = 500;
    private const int UsualPage = 50;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<FieldFault> _faults = [];

    /// <summary>Everything that is wrong, unknown names last. To be asked once all fields were read.</summary>
    public IReadOnlyList<FieldFault> Faults =>
        [.. _faults, .. query.Keys.Where(name => !_known.Contains(name)).Order(StringComparer.Ordinal).Select(name => FieldFault.Unknown(name, _known))];

    public string? Text(string name)
    {
        _known.Add(name);
        var values = query[name];
        if (values.Count > 1)
        {
            _faults.Add(new FieldFault(name, $"'{name}' may be given once."));
        }

        if (values.Count == 0 || values[0] is not { } text)
        {
            return null;
        }

        // The database knows no text with a null character in it, and nothing here has a name with any other.
        if (text.Any(char.IsControl))
        {
            _faults.Add(new FieldFault(name, $"'{name}' must have no control characters."));
            return null;
        }

        return text;
    }

    /// <summary>One of the names, or null where none was given or another one.</summary>
    public string? OneOf(string name, params IReadOnlyList<string> allowed)
    {
        var text = Text(name);
        if (text is null || allowed.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        _faults.Add(new FieldFault(name, $"'{name}' must be one of: {string.Join(", ", allowed)}."));
        return null;
    }

    /// <param name="largest">Of a list whose items are large.</param>
    public int Limit(int largest = LargestPage)
    {
        if (Text("limit") is not { } text)
        {
            return UsualPage;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0 && limit <= largest)
        {
            return limit;
        }

        _faults.Add(new FieldFault("limit", $"'limit' must be a whole number from 1 to {largest}."));
        return UsualPage;
    }

    /// <summary><c>from</c> and <c>to</c>, open where they are absent.</summary>
    public Period Period()
    {
        var period = new Period(Instant("from") ?? Ledger.Period.All.From, Instant("to") ?? Ledger.Period.All.To);
        if (period.From > period.To)
        {
            _faults.Add(new FieldFault("to", "'to' must not lie before 'from'."));
        }

        return period;
    }

    public Guid? Id(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (Guid.TryParseExact(text, "D", out var id))
        {
            return id;
        }

        _faults.Add(new FieldFault(name, $"'{name}' must be a UUID."));
        return null;
    }

    /// <summary>The key in the cursor of a list, parsed; the first page has none.</summary>
    public T? Cursor<T>(string list)
        where T : struct, IParsable<T>
    {
        if (Text("cursor") is not { } text)
        {
            return null;
        }

        if (Lists.Cursor.Read(list, text) is { } key && T.TryParse(key, CultureInfo.InvariantCulture, out var value))
        {
            return value;
        }

        _faults.Add(new FieldFault("cursor", "'cursor' must be the nextCursor of an earlier page of this list."));
        return null;
    }

    private DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (Iso8601.TryParse(text, out var instant))
        {
            return instant;
        }

        _faults.Add(new FieldFault(name, $"'{name}' must be a date or an instant in ISO 8601, such as 2026-11-01 or 2026-11-01T09:30:00Z."));
        return null;
    }
}
