using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

/// <summary>What ffmpeg, which shares no code with the encoders, makes of a file.</summary>
internal sealed partial record DecodedAudio(string Codec, int SampleRate, int Channels, TimeSpan StatedDuration, short[] Samples)
{
    public TimeSpan Duration => TimeSpan.FromSeconds((double)Samples.Length / Channels / SampleRate);

    public double Loudness => Math.Sqrt(Samples.Average(sample => (double)sample * sample));

    public static async Task<DecodedAudio> OfAsync(EncodedAudio file, AudioFormat format)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.{format.FileExtension()}");
        await File.WriteAllBytesAsync(path, file.Bytes);
        try
        {
            var (output, log) = await Tool.RunAsync("ffmpeg", ["-nostdin", "-xerror", "-i", path, "-f", "s16le", "-"]);
            var stream = Stream().Match(log);
            Assert.True(stream.Success, log);
            return new DecodedAudio(
                stream.Groups["codec"].Value,
                int.Parse(stream.Groups["rate"].Value),
                stream.Groups["layout"].Value is "mono" ? 1 : 2,
                TimeSpan.Parse(Length().Match(log).Groups["time"].Value, CultureInfo.InvariantCulture),
                MemoryMarshal.Cast<byte, short>(output).ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [GeneratedRegex(@"Stream #0:0.*: Audio: (?<codec>\w+).*?, (?<rate>\d+) Hz, (?<layout>mono|stereo)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Stream();

    [GeneratedRegex(@"Duration: (?<time>[\d:.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Length();
}
