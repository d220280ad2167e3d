using System.Globalization;
using System.Runtime.InteropServices;

namespace Platform.Storage;

/// <summary>
/// Where blobs lie: <c>audio/AB/TASK-ATTEMPT-INDEX-FILE-DIGEST.ext</c> and <c>media/AB/MEDIUM-DIGEST.ext</c>. The attempt is in the name, so
/// that a worker that lost its lease cannot overwrite the file of its successor; an id of the file's own is too, in case an attempt number
/// was given twice by a database that lost its last second. The digest makes each name say what it must contain. Small results of the folder
/// lie in packs (<see cref="Packs.PackKey"/>) under the same names.
/// </summary>
internal static class BlobKeys
{
    public const string Results = "audio/";
    public const string Media = "media/";

    // 256 folders keep each one small enough for any file system at millions of files.
    public static string OfResult(ResultFile file, uint digest, string extension)
    {
        // The random end of the id, since the start of a task's is a time and would put everything of a minute into one folder.
        var id = file.FileId.ToString("N");
        return $"{Results}{id[^2..]}/{file.TaskId:N}-{file.Attempt}-{file.Index}-{id}-{digest:x8}.{extension}";
    }

    public static string OfMedium(Guid mediaUuid, uint digest, string extension)
    {
        var medium = mediaUuid.ToString("N");
        return $"{Media}{medium[^2..]}/{medium}-{digest:x8}.{extension}";
    }

    /// <summary>The digest that the blob's bytes must have; null for a name without one.</summary>
    public static uint? DigestOf(string key)
    {
        var name = Path.GetFileNameWithoutExtension(key.AsSpan());
        return name.Length > 9 && name[^9] == '-' && uint.TryParse(name[^8..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var digest)
            ? digest
            : null;
    }

    /// <summary>The task, attempt and index that a result's key names; null for any other key.</summary>
    public static ResultFile? FindResult(string key)
    {
        var parts = Path.GetFileNameWithoutExtension(key).Split('-');
        return key.StartsWith(Results, StringComparison.Ordinal) && parts.Length == 5
            && Guid.TryParseExact(parts[0], "N", out var taskId)
            && short.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
            && short.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && Guid.TryParseExact(parts[3], "N", out var fileId)
            ? new ResultFile(taskId, attempt, index, fileId)
            : null;
    }

    /// <summary>The medium that a key names; null for any other key.</summary>
    public static Guid? FindMedium(string key)
    {
        var parts = Path.GetFileNameWithoutExtension(key).Split('-');
        return key.StartsWith(Media, StringComparison.Ordinal) && parts.Length == 2 && Guid.TryParseExact(parts[0], "N", out var medium)
            ? medium
            : null;
    }
}

/// <summary>Which try at which result a file is.</summary>
/// <param name="Index">From 0.</param>
/// <param name="FileId">Drawn for this one file.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ResultFile(Guid TaskId, short Attempt, short Index, Guid FileId);
