namespace Platform.Hosting;

/// <summary>The process cannot start; the message says why and what to do, and is all that an operator needs to see.</summary>
internal sealed class StartupException(string message) : Exception(message);
