using System.Diagnostics;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

/// <summary>
/// Ten seconds of broken files. What is looked for is a crash of the native reader, which would take the whole test program along; a
/// longer run is asked for by <c>PLATFORM_FUZZ_SECONDS</c>.
/// </summary>
public sealed class AudioDecoderFuzzTests(ITestOutputHelper output)
{
    private static readonly DecodingLimits Limits = new(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(60), 24_000);

    [Fact]
    public async Task Survives_files_with_broken_bytes()
    {
        var seeds = new List<byte[]>();
        foreach (var extension in new[] { "wav", "mp3", "flac", "ogg" })
        {
            seeds.Add(await Recordings.ToneAsync(extension, 3.2, "-ar", "8000"));
        }

        seeds.Add(await Recordings.ToneAsync("ogg", 3.2, "-c:a", "libopus", "-b:a", "16k"));
        seeds.Add(await Recordings.ToneAsync("wav", 3.2, "-c:a", "pcm_mulaw", "-ar", "8000"));
        var seconds = double.Parse(Environment.GetEnvironmentVariable("PLATFORM_FUZZ_SECONDS") ?? "10", System.Globalization.CultureInfo.InvariantCulture);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var (files, taken) = (0, 0);
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            var file = Break(seeds[random.Next(seeds.Count)], random);
            var decoding = AudioDecoder.Decode(file, Limits);
            Assert.True(decoding.Audio is null != decoding.Fault is null, $"seed {seed}");
            Assert.True(decoding.Audio is null || decoding.Audio.Duration.TotalSeconds is > 2.9 and < 60.1, $"seed {seed}");
            files++;
            taken += decoding.Audio is null ? 0 : 1;
        }

        output.WriteLine($"{files} files, {taken} of them taken, seed {seed}");
        Assert.True(files > 50);
    }

    private static byte[] Break(byte[] whole, Random random)
    {
        var file = whole.ToArray();
        var reach = random.Next(3) switch { 0 => Math.Min(64, file.Length), 1 => Math.Min(1024, file.Length), _ => file.Length };
        for (var i = random.Next(1, 30); i > 0; i--)
        {
            var at = random.Next(reach);
            file[at] = random.Next(4) switch
            {
                0 => 0,
                1 => 0xFF,
                2 => (byte)(file[at] ^ (1 << random.Next(8))),
                _ => (byte)random.Next(256),
            };
        }

        return random.Next(5) switch
        {
            0 => file[..random.Next(file.Length)],
            1 => [.. file[..random.Next(file.Length)], .. file],
            2 => [.. file, .. file[random.Next(file.Length)..]],
            _ => file,
        };
    }
}
