using Platform.Engines;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class OggEncoderTests
{
    /// <summary>Vorbis carries its codebooks in the file; they are no part of the bitrate.</summary>
    private const int HeaderAllowance = 6000;

    /// <summary>The tables of the contract: rate, channels, lowest and highest bitrate.</summary>
    public static TheoryData<int, int, int, int> Table() => new()
    {
        { 8_000, 1, 8, 40 },
        { 12_000, 1, 16, 48 },
        { 16_000, 1, 16, 96 },
        { 24_000, 1, 16, 80 },
        { 48_000, 1, 32, 224 },
        { 8_000, 2, 16, 80 },
        { 12_000, 2, 16, 96 },
        { 16_000, 2, 24, 192 },
        { 24_000, 2, 32, 160 },
        { 48_000, 2, 48, 256 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Decodes_and_keeps_its_bitrate_at_both_ends_of_the_table(int rate, int channels, int min, int max)
    {
        var clip = await Clips.SpeechAsync();
        foreach (var kbps in new[] { min, max })
        {
            var file = AudioEncoder.Encode(clip, new AudioTarget(AudioFormat.Ogg, rate, channels, kbps));
            var decoded = await DecodedAudio.OfAsync(file, AudioFormat.Ogg);
            Assert.Equal(("vorbis", rate, channels), (decoded.Codec, decoded.SampleRate, decoded.Channels));
            Assert.Equal(Math.Round(clip.Duration.TotalSeconds * rate), await CountSamplesAsync(file), 1.0);
            Assert.True(decoded.Loudness > 200, $"{kbps} kbps is silent: {decoded.Loudness}");

            // By size: the header of the file repeats the rate that was asked for, whatever it holds.
            var exact = kbps * 125 * clip.Duration.TotalSeconds;
            Assert.InRange(file.Bytes.Length, exact * 0.85, (exact * 1.15) + HeaderAllowance);
        }
    }

    [Theory]
    [MemberData(nameof(Table))]
    public async Task Encodes_every_bitrate_between_the_ends(int rate, int channels, int min, int max)
    {
        var clip = await Clips.SpeechAsync();
        var shortClip = clip with { Samples = clip.Samples[..2_400] };
        for (var kbps = min; kbps <= max; kbps += 7)
        {
            var file = AudioEncoder.Encode(shortClip, new AudioTarget(AudioFormat.Ogg, rate, channels, kbps));
            Assert.True(file.Bytes.Span.StartsWith("OggS"u8));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Encodes_even_a_clip_shorter_than_a_block(int length)
    {
        var file = AudioEncoder.Encode(new Pcm(new short[length], 24_000), new AudioTarget(AudioFormat.Ogg, 24_000, 1, 48));
        var (output, _) = await ProbeAsync(file);
        Assert.Contains("codec_name=vorbis", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_three_channels()
    {
        var clip = await Clips.SpeechAsync();
        Assert.ThrowsAny<ArgumentException>(() => AudioEncoder.Encode(clip, new AudioTarget(AudioFormat.Ogg, 24_000, 3, 64)));
    }

    [Fact]
    public async Task Reports_a_combination_that_vorbis_cannot_hold()
    {
        var clip = await Clips.SpeechAsync();
        Assert.Throws<AudioEncodingException>(() => AudioEncoder.Encode(clip, new AudioTarget(AudioFormat.Ogg, 8_000, 1, 500)));
    }

    /// <summary>By sox, which reads with libvorbis: ffmpeg does not trim the end of a file that has its audio in one page.</summary>
    private static async Task<double> CountSamplesAsync(EncodedAudio file)
    {
        var path = Path.ChangeExtension(Path.GetTempFileName(), ".ogg");
        await File.WriteAllBytesAsync(path, file.Bytes);
        var (output, _) = await Tool.RunAsync("sox", ["--info", "-s", path]);
        File.Delete(path);
        return double.Parse(System.Text.Encoding.ASCII.GetString(output));
    }

    private static async Task<(string Output, string Errors)> ProbeAsync(EncodedAudio file)
    {
        var path = Path.GetTempFileName();
        await File.WriteAllBytesAsync(path, file.Bytes);
        var (output, errors) = await Tool.RunAsync("ffprobe", ["-v", "error", "-show_streams", path]);
        File.Delete(path);
        return (System.Text.Encoding.UTF8.GetString(output), errors);
    }
}
