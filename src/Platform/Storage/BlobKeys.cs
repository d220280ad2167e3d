namespace Platform.Storage;

/// <summary>
/// Where a result's file lies: <c>audio/AB/TASK-ATTEMPT-INDEX-AUDIO.ext</c>. The attempt is in the name, so that a worker that lost its
/// lease cannot overwrite the file of its successor, and so is the audio's own id, in case an attempt number was given twice by a
/// database that lost its last second.
/// </summary>
internal static class BlobKeys
{
    // 256 folders keep each one small enough for any file system at millions of files.
    public static string OfResult(Guid taskId, int attempt, int index, Guid audioUuid, string extension)
    {
        // The random end of the id, since its start is a time and would put everything of a minute into one folder.
        var audio = audioUuid.ToString("N");
        return $"audio/{audio[^2..]}/{taskId:N}-{attempt}-{index}-{audio}.{extension}";
    }

    /// <summary>Where a customer's medium lies: <c>media/AB/MEDIUM.ext</c>.</summary>
    public static string OfMedium(Guid mediaUuid, string extension)
    {
        var medium = mediaUuid.ToString("N");
        return $"media/{medium[^2..]}/{medium}.{extension}";
    }
}
