using System.Buffers.Binary;
using Platform.Engines;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class FlacEncoderTests
{
    private static readonly AudioTarget Flac = new(AudioFormat.Flac, 0, 0, 0);

    [Fact]
    public async Task Gives_back_every_sample_at_the_same_rate()
    {
        var clip = await Clips.SpeechAsync();
        var decoded = await DecodedAudio.OfAsync(AudioEncoder.Encode(clip, Flac), AudioFormat.Flac);
        Assert.Equal(("flac", 24_000, 1), (decoded.Codec, decoded.SampleRate, decoded.Channels));
        Assert.Equal(clip.Samples.ToArray(), decoded.Samples);
    }

    [Fact]
    public async Task States_its_length_and_checksum_in_the_header()
    {
        var clip = await Clips.SpeechAsync();
        var header = AudioEncoder.Encode(clip, Flac).Bytes.Span;
        Assert.True(header.StartsWith("fLaC"u8));

        // STREAMINFO: 36 bits of sample count end at byte 26, 16 bytes of MD5 follow; both are filled in at the end.
        var samples = ((header[21] & 0xFL) << 32) | BinaryPrimitives.ReadUInt32BigEndian(header[22..]);
        Assert.Equal(clip.Samples.Length, samples);
        Assert.True(header.Slice(26, 16).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Is_smaller_than_the_samples_themselves()
    {
        var clip = await Clips.SpeechAsync();
        Assert.InRange(AudioEncoder.Encode(clip, Flac).Bytes.Length, 1, clip.Samples.Length * 2 * 0.8);
    }

    [Fact]
    public async Task Keeps_the_extremes_of_16_bits()
    {
        short[] samples = [.. Enumerable.Range(0, 5000).Select(i => i % 2 == 0 ? short.MinValue : short.MaxValue)];
        var decoded = await DecodedAudio.OfAsync(AudioEncoder.Encode(new Pcm(samples, 24_000), Flac), AudioFormat.Flac);
        Assert.Equal(samples, decoded.Samples);
    }

    [Fact]
    public void Encodes_nothing_as_a_valid_empty_file() =>
        Assert.True(AudioEncoder.Encode(new Pcm(default, 24_000), Flac).Bytes.Span.StartsWith("fLaC"u8));

    [Fact]
    public void Reports_a_rate_that_flac_cannot_hold() =>
        Assert.Throws<AudioEncodingException>(() => AudioEncoder.Encode(new Pcm(new short[10], 2_000_000), Flac));
}
