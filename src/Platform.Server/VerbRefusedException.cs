namespace Platform.Server;

/// <summary>A verb that cannot be done as it was asked; the message says why and what to do.</summary>
internal sealed class VerbRefusedException(string message, Exception? cause = null) : Exception(message, cause);
