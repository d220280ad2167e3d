namespace Platform.Hosting;

/// <summary>Where this process keeps what is its own: the private database, keys, files.</summary>
internal sealed record DataFolder(string Path)
{
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>A file with a secret in it, which only its owner may read.</summary>
internal static class SecretFile
{
    public static void Ensure(string path, Func<string> make)
    {
        if (!File.Exists(path))
        {
            Write(path, make());
        }
    }

    public static void Write(string path, string secret)
    {
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        using var text = new StreamWriter(file);
        text.WriteLine(secret);
    }
}
