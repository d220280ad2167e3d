using Platform.Persistence.Embedded;

namespace Platform.Tests.Fixtures;

/// <summary>A folder of its own under /tmp that everybody may enter, gone at the end.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder()
    {
        // Not TMPDIR: a database's socket must stay under 108 bytes, and its user must be able to get here.
        Path = System.IO.Path.Combine("/tmp", "pt-" + System.IO.Path.GetRandomFileName()[..8]);
        Directory.CreateDirectory(Path);
        Native.ChangeMode(Path, Native.Passable);
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
