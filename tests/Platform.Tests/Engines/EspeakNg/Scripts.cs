using Platform.Tests.Media;

namespace Platform.Tests.Engines.EspeakNg;

/// <summary>Small programs that end in ways that the real one cannot be made to.</summary>
internal static class Scripts
{
    /// <summary>Written by another process: a file that this one, or a fork of it, has open for writing cannot be run.</summary>
    public static async Task<string> WriteAsync(string folder, string body)
    {
        var path = Path.Combine(folder, $"{Guid.NewGuid():N}.sh");
        await Tool.RunAsync("sh", ["-c", "cat > \"$0\" && chmod +x \"$0\"", path], $"#!/bin/sh\n{body}\n");
        return path;
    }
}
