using System.Collections.Frozen;
using Platform.Media;

namespace Platform.Delivery;

/// <summary>File names of stored audio to content types.</summary>
internal static class MediaTypes
{
    private static readonly FrozenDictionary<string, string> ByExtension = Enum.GetValues<AudioFormat>()
        .ToFrozenDictionary(static format => "." + format.FileExtension(), static format => format.ContentType(), StringComparer.Ordinal);

    /// <exception cref="ArgumentException">The platform stores no such files.</exception>
    public static string OfFile(string name) => ByExtension.TryGetValue(Path.GetExtension(name), out var type)
        ? type
        : throw new ArgumentException($"'{Path.GetExtension(name)}' is no audio format of the platform.", nameof(name));
}
