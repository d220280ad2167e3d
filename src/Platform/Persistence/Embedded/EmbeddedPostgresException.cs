namespace Platform.Persistence.Embedded;

/// <summary>The private database cannot run. The message is for the person at the terminal: what is wrong and what to do.</summary>
internal sealed class EmbeddedPostgresException : Exception
{
    public EmbeddedPostgresException(string message)
        : base(message)
    {
    }

    public EmbeddedPostgresException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Adds what to do to the last lines of a program that failed.</summary>
    public static EmbeddedPostgresException FromOutput(string what, IReadOnlyCollection<string> lines, string home)
    {
        var output = string.Join('\n', lines);
        var advice = output.Contains("No space left on device", StringComparison.Ordinal)
            ? $"The disk that holds {home} is full: free some space and start again."
            : output.Contains("could not create shared memory", StringComparison.Ordinal)
                ? "The machine refuses shared memory: give the container a larger /dev/shm or free some memory."
                : "The last lines it wrote say why:";
        return new EmbeddedPostgresException($"{what} {advice}\n{output}".TrimEnd());
    }
}
