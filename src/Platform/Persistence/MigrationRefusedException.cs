namespace Platform.Persistence;

/// <summary>The database and this program do not belong together. The message says why and what to do.</summary>
internal sealed class MigrationRefusedException(string message) : Exception(message);
