using Platform.Engines;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class Mp3EncoderTests
{
    private static readonly int[] Rates = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

    /// <summary>The table of the contract: lowest and highest bitrate of each rate.</summary>
    private static (int Min, int Max) Range(int rate) => rate switch
    {
        <= 12_000 => (8, 64),
        <= 24_000 => (8, 160),
        _ => (32, 320),
    };

    public static TheoryData<int, int> RatesAndChannels()
    {
        var data = new TheoryData<int, int>();
        foreach (var rate in Rates)
        {
            data.Add(rate, 1);
            data.Add(rate, 2);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(RatesAndChannels))]
    public async Task Holds_one_bitrate_in_every_frame_whatever_the_table_allows(int rate, int channels)
    {
        var clip = await Clips.SpeechAsync();
        var shortClip = clip with { Samples = clip.Samples[..12_000] };
        var (min, max) = Range(rate);
        for (var kbps = min; kbps <= max; kbps += kbps < 40 ? 3 : 13)
        {
            AssertConstant(shortClip, new AudioTarget(AudioFormat.Mp3, rate, channels, kbps));
        }

        AssertConstant(shortClip, new AudioTarget(AudioFormat.Mp3, rate, channels, max));
    }

    [Theory]
    [MemberData(nameof(RatesAndChannels))]
    public async Task Decodes_at_both_ends_of_the_table(int rate, int channels)
    {
        var clip = await Clips.SpeechAsync();
        var (min, max) = Range(rate);
        foreach (var kbps in new[] { min, max })
        {
            var file = AudioEncoder.Encode(clip, new AudioTarget(AudioFormat.Mp3, rate, channels, kbps));
            var decoded = await DecodedAudio.OfAsync(file, AudioFormat.Mp3);
            Assert.Equal(("mp3", rate, channels), (decoded.Codec, decoded.SampleRate, decoded.Channels));
            Assert.InRange((decoded.Duration - clip.Duration).TotalSeconds, -0.02, 0.30);
            Assert.InRange(file.Bytes.Length * 8 / 1000.0 / clip.Duration.TotalSeconds, kbps, (kbps * 1.1) + 3);
            Assert.True(decoded.Loudness > 200, $"{kbps} kbps is silent: {decoded.Loudness}");
        }
    }

    [Theory]
    [InlineData(44_100, 2, 128)]
    [InlineData(48_000, 1, 320)]
    [InlineData(24_000, 1, 64)]
    [InlineData(8_000, 1, 64)]
    public async Task Carries_an_info_tag_from_which_players_know_the_exact_duration(int rate, int channels, int kbps)
    {
        var clip = await Clips.SpeechAsync();
        var file = AudioEncoder.Encode(clip, new AudioTarget(AudioFormat.Mp3, rate, channels, kbps));
        Assert.Equal("Info", Mp3Frames.Read(file.Bytes.Span).Tag);
        var decoded = await DecodedAudio.OfAsync(file, AudioFormat.Mp3);
        Assert.InRange(Math.Abs((decoded.Duration - clip.Duration).TotalMilliseconds), 0, 2);

        // The stated one counts whole frames, of which the encoder's delay and padding fill up to three.
        var frame = TimeSpan.FromSeconds((rate >= 32_000 ? 1152.0 : 576.0) / rate);
        Assert.InRange(decoded.StatedDuration - clip.Duration, TimeSpan.FromMilliseconds(-10), 3 * frame);
    }

    [Fact]
    public async Task Puts_the_mono_voice_on_both_channels_alike()
    {
        var clip = await Clips.SpeechAsync();
        var file = AudioEncoder.Encode(clip, new AudioTarget(AudioFormat.Mp3, 44_100, 2, 128));
        var samples = (await DecodedAudio.OfAsync(file, AudioFormat.Mp3)).Samples;
        var apart = Enumerable.Range(0, samples.Length / 2).Max(i => Math.Abs(samples[2 * i] - samples[(2 * i) + 1]));
        Assert.InRange(apart, 0, 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700)]
    public void Encodes_even_a_clip_shorter_than_a_frame(int length)
    {
        var file = AudioEncoder.Encode(new Pcm(new short[length], 24_000), new AudioTarget(AudioFormat.Mp3, 44_100, 2, 128));
        Assert.All(Mp3Frames.Read(file.Bytes.Span).Bitrates, kbps => Assert.Equal(128, kbps));
    }

    [Theory]
    [InlineData(44_000, 2)]
    [InlineData(44_100, 3)]
    public async Task Refuses_what_mp3_does_not_have(int rate, int channels)
    {
        var clip = await Clips.SpeechAsync();
        Assert.ThrowsAny<ArgumentException>(() => AudioEncoder.Encode(clip, new AudioTarget(AudioFormat.Mp3, rate, channels, 64)));
    }

    private static void AssertConstant(Pcm clip, AudioTarget target)
    {
        var frames = Mp3Frames.Read(AudioEncoder.Encode(clip, target).Bytes.Span);
        var expected = Mp3Bitrates.Nearest(target.SampleRate, target.BitrateKbps);
        Assert.All(frames.Bitrates, kbps => Assert.Equal(expected, kbps));
        Assert.Equal((target.SampleRate, target.Channels == 1), (frames.SampleRate, frames.IsMono));
    }
}
