namespace Platform.Bench;

/// <summary>The run cannot go on: something that it needs is missing or broken. The message is for the person who started it.</summary>
internal sealed class BenchException : Exception
{
    public BenchException()
    {
    }

    public BenchException(string message)
        : base(message)
    {
    }

    public BenchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
