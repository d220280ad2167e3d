namespace Platform.Api.Lists;

/// <summary>What is wrong with one field of a body or of a query; each surface shows it in its own shape.</summary>
/// <param name="Path">Dotted for a body (<c>limits.burst</c>), the name for a query.</param>
/// <param name="Message">What was expected, in one sentence. It never repeats the value.</param>
internal sealed record FieldFault(string Path, string Message)
{
    /// <summary>Whether nothing of that name is known here.</summary>
    public bool IsUnknown { get; init; }

    public static FieldFault Unknown(string path, IEnumerable<string> known) =>
        new(path, $"There is no '{path}' here. Known: {string.Join(", ", known)}.") { IsUnknown = true };
}
