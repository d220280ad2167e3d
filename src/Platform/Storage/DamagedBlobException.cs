namespace Platform.Storage;

/// <summary>A blob does not contain what was written into it. It is never handed out.</summary>
internal sealed class DamagedBlobException(string key) : IOException($"The stored file {key} is damaged.");
