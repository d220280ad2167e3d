namespace Platform.Persistence;

/// <summary>The hand-written statements, embedded as <c>sql/NAME.sql</c>.</summary>
internal static class SqlText
{
    public static string Load(string name)
    {
        var resource = $"sql/{name}.sql";
        using var stream = typeof(SqlText).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The statement {resource} is not embedded in Platform.dll.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
