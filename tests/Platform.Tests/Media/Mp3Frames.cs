using System.Text;
using Xunit;

namespace Platform.Tests.Media;

/// <summary>The frame headers of an MP3 file, read byte by byte as the standard lays them out.</summary>
internal sealed record Mp3Frames(IReadOnlyList<int> Bitrates, int SampleRate, bool IsMono, string? Tag)
{
    private static readonly int[] Mpeg1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    private static readonly int[] Mpeg2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    private static readonly int[] Rates = [44_100, 48_000, 32_000];

    public static Mp3Frames Read(ReadOnlySpan<byte> file)
    {
        var bitrates = new List<int>();
        int rate = 0, at = 0;
        var mono = false;
        while (at < file.Length)
        {
            var header = file.Slice(at, 4);
            Assert.True(header[0] == 0xFF && (header[1] & 0xE6) == 0xE2, $"No layer III frame at byte {at} of {file.Length}.");
            var version = (header[1] >> 3) & 3;
            var kbps = (version == 3 ? Mpeg1 : Mpeg2)[header[2] >> 4];
            rate = Rates[(header[2] >> 2) & 3] / (version == 3 ? 1 : version == 2 ? 2 : 4);
            mono = header[3] >> 6 == 3;
            bitrates.Add(kbps);
            at += ((version == 3 ? 144_000 : 72_000) * kbps / rate) + ((header[2] >> 1) & 1);
        }

        Assert.Equal(file.Length, at);
        var start = Encoding.Latin1.GetString(file[..Math.Min(64, file.Length)]);
        var tag = new[] { "Info", "Xing" }.FirstOrDefault(name => start.Contains(name, StringComparison.Ordinal));
        return new Mp3Frames(bitrates, rate, mono, tag);
    }
}
