namespace Platform.Api.Lists;

/// <summary>What is wrong with one field of a body or of a query; each surface shows it in its own shape.</summary>
/// <param name="Path">Dotted for a body (<c>limits.burst</c>), the name for a query.</param>
/// <param name="Message">What was expected, in one sentence. It never repeats the value.</param>
internal sealed record FieldFault(string Path, string Message)
{
    private const int LongestPath = 100;

    /// <summary>Whether nothing of that name is known here.</summary>
    public bool IsUnknown { get; init; }

    /// <param name="path">Shortened where it is very long: a name may be megabytes.</param>
    public static FieldFault Unknown(string path, IEnumerable<string> known)
    {
        var end = Math.Min(path.Length, LongestPath);
        if (end < path.Length && char.IsHighSurrogate(path[end - 1]))
        {
            end--;
        }

        var shown = path[..end];
        return new(shown, $"There is no '{shown}' here. Known: {string.Join(", ", known)}.") { IsUnknown = true };
    }
}
