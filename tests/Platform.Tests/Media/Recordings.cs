using System.Collections.Concurrent;
using Platform.Tests.Fixtures;

namespace Platform.Tests.Media;

/// <summary>Files as customers send them, made by ffmpeg; each kind is made once.</summary>
internal static class Recordings
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<byte[]>>> Made = new(StringComparer.Ordinal);

    /// <param name="extension">Names the container.</param>
    /// <param name="arguments">ffmpeg's, for the output.</param>
    public static Task<byte[]> ToneAsync(string extension, double seconds, params string[] arguments) =>
        Made.GetOrAdd(
            $"{extension} {seconds} {string.Join(' ', arguments)}",
            _ => new Lazy<Task<byte[]>>(() => MakeAsync(extension, seconds, arguments))).Value;

    public static Task<byte[]> FiveSecondsAsync(string extension) => ToneAsync(extension, 5, "-ar", "44100");

    private static async Task<byte[]> MakeAsync(string extension, double seconds, string[] arguments)
    {
        using var folder = new TempFolder();
        var path = folder["tone." + extension];
        FormattableString source = $"sine=frequency=440:sample_rate=48000:duration={seconds}";
        await Tool.RunAsync("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", FormattableString.Invariant(source), .. arguments, path]);
        return await File.ReadAllBytesAsync(path);
    }
}
