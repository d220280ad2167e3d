using Platform.Media.Native;

namespace Platform.Media;

/// <summary>Looks at start whether every audio library is there, so that a missing one is not found out by a customer's task.</summary>
internal static class MediaFault
{
    /// <summary>Null when all is there, else one sentence that names the package to install.</summary>
    public static string? Find() => Find(NativeLibraries.All);

    /// <summary>The same for the libraries that change rate and pace, which is all that an engine needs.</summary>
    public static string? FindForEngines() => Find(NativeLibraries.All.Where(library => library.Name is "soxr" or "sonic"));

    internal static string? Find(IEnumerable<NativeLibraryFile> libraries) =>
        NativeLibraries.FindMissing(libraries) is { } missing
            ? $"The audio library {missing.Files[0]} is missing: install the Debian package {missing.Package}."
            : null;
}
