using System.Reflection;
using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary>One shared library of the operating system: what the code calls it, what it is called on disk, who brings it.</summary>
/// <param name="Name">The name in the imports.</param>
/// <param name="Files">File names to try, the best first; each is an ABI that the imports match.</param>
/// <param name="Package">The Debian package, with the other names that it goes by.</param>
internal sealed record NativeLibraryFile(string Name, string[] Files, string Package);

/// <summary>
/// The audio libraries this slice calls and where they come from. Loaded by their exact ABI version: the unversioned
/// <c>.so</c> is in the -dev packages only.
/// </summary>
internal static class NativeLibraries
{
    internal static readonly IReadOnlyList<NativeLibraryFile> All =
    [
        new("lame", ["libmp3lame.so.0"], "libmp3lame0"),
        new("ogg", ["libogg.so.0"], "libogg0"),
        new("vorbis", ["libvorbis.so.0"], "libvorbis0a"),
        new("vorbisenc", ["libvorbisenc.so.2"], "libvorbisenc2"),
        // The encoder calls used here have not changed between these ABI versions.
        new("flac", ["libFLAC.so.12", "libFLAC.so.14", "libFLAC.so.8"], "libflac12 (Debian 13: libflac14, Ubuntu 24.04: libflac12t64)"),
        new("soxr", ["libsoxr.so.0"], "libsoxr0"),
        new("sonic", ["libsonic.so.0"], "libsonic0"),
        new("sndfile", ["libsndfile.so.1"], "libsndfile1"),
        new("mpg123", ["libmpg123.so.0"], "libmpg123-0 (Debian 13, Ubuntu 24.04: libmpg123-0t64)"),
    ];

    // .NET allows one resolver an assembly, so it answers null (the default search) for names that are not its own.
    static NativeLibraries() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraries).Assembly, Resolve);

    /// <summary>Called by the static constructor of each import class: the resolver must stand before the first call.</summary>
    public static void Register()
    {
    }

    /// <summary>The first of <paramref name="libraries"/> that cannot be loaded here, or null.</summary>
    public static NativeLibraryFile? FindMissing(IEnumerable<NativeLibraryFile> libraries) =>
        libraries.FirstOrDefault(library => !TryLoad(library, out _));

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        All.FirstOrDefault(library => string.Equals(library.Name, name, StringComparison.Ordinal)) is { } known
        && TryLoad(known, out var handle) ? handle : 0;

    private static bool TryLoad(NativeLibraryFile library, out nint handle)
    {
        foreach (var file in library.Files)
        {
            if (NativeLibrary.TryLoad(file, out handle))
            {
                return true;
            }
        }

        handle = 0;
        return false;
    }
}
