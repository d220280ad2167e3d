using System.Buffers.Binary;
using System.Text;
using Platform.Engines;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class AudioDecoderTests
{
    private static readonly DecodingLimits Limits = new(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(60), 24_000);

    [Theory]
    [InlineData("wav", AudioFormat.Wav, "-c:a pcm_s16le -ar 44100")]
    [InlineData("wav", AudioFormat.Wav, "-c:a pcm_u8 -ar 8000")]
    [InlineData("wav", AudioFormat.Wav, "-c:a pcm_s24le -ar 96000 -ac 2")]
    [InlineData("wav", AudioFormat.Wav, "-c:a pcm_s32le -ar 192000 -ac 6")]
    [InlineData("wav", AudioFormat.Wav, "-c:a pcm_f32le -ar 22050")]
    [InlineData("wav", AudioFormat.Wav, "-c:a pcm_f64le -ar 16000 -ac 8")]
    [InlineData("wav", AudioFormat.Wav, "-c:a pcm_mulaw -ar 8000")]
    [InlineData("wav", AudioFormat.Wav, "-c:a pcm_alaw -ar 8000")]
    [InlineData("mp3", AudioFormat.Mp3, "-b:a 64k -ar 24000")]
    [InlineData("mp3", AudioFormat.Mp3, "-q:a 4 -ar 44100 -ac 2 -id3v2_version 3 -metadata title=x")]
    [InlineData("mp3", AudioFormat.Mp3, "-b:a 16k -ar 8000 -write_xing 0 -id3v2_version 0")]
    [InlineData("flac", AudioFormat.Flac, "-ar 48000 -sample_fmt s16")]
    [InlineData("flac", AudioFormat.Flac, "-ar 96000 -sample_fmt s32 -ac 2")]
    [InlineData("ogg", AudioFormat.Ogg, "-c:a libvorbis -ar 44100 -ac 2")]
    [InlineData("ogg", AudioFormat.Ogg, "-c:a libopus -b:a 32k")]
    internal async Task Reads_what_customers_send(string extension, AudioFormat format, string arguments)
    {
        var file = await Recordings.ToneAsync(extension, 5, arguments.Split(' '));

        var decoding = AudioDecoder.Decode(file, Limits);

        Assert.Null(decoding.Fault);
        Assert.Equal(format, decoding.Format);
        Assert.Equal(24_000, decoding.Audio!.SampleRate);
        Assert.InRange(decoding.Audio.Duration.TotalSeconds, 4.9, 5.2);
        Assert.InRange(Tone.FrequencyOf(decoding.Audio.Samples.Span, 24_000), 438, 442);

        // ffmpeg spreads the tone over two channels at -3 dB each, and puts it into one alone of six or eight.
        var isMono = !arguments.Contains("-ac", StringComparison.Ordinal);
        Assert.InRange(decoding.Audio.Samples.ToArray().Max(sample => Math.Abs((int)sample)), isMono ? 3500 : 400, 5200);
    }

    [Theory]
    [InlineData(2.9, false)]
    [InlineData(3, true)]
    [InlineData(60, true)]
    [InlineData(60.1, false)]
    public async Task Takes_three_to_sixty_seconds(double seconds, bool isTaken)
    {
        foreach (var extension in new[] { "wav", "mp3", "flac", "ogg" })
        {
            var decoding = AudioDecoder.Decode(await Recordings.ToneAsync(extension, seconds, "-ar", "24000"), Limits);
            Assert.True(isTaken == decoding.Audio is not null, $"{extension}: {decoding.Fault}");
            Assert.True(isTaken || decoding.Fault == "must last 3 to 60 seconds", decoding.Fault);
        }
    }

    [Fact]
    public void Stops_where_the_longest_audio_ends_however_much_a_small_file_unpacks_to()
    {
        var silence = new short[24_000 * 60 * 90];
        var bomb = AudioEncoder.Encode(new Pcm(silence, 24_000), new AudioTarget(AudioFormat.Flac, 0, 1, 0)).Bytes;
        Assert.True(bomb.Length < 1_000_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var decoding = AudioDecoder.Decode(bomb, Limits);

        Assert.Equal("must last 3 to 60 seconds", decoding.Fault);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    [Theory]
    [InlineData("aiff", "-c:a pcm_s16be")]
    [InlineData("au", "-c:a pcm_s16be")]
    [InlineData("caf", "-c:a pcm_s16be")]
    [InlineData("mp2", "-ar 44100")]
    [InlineData("wav", "-c:a adpcm_ima_wav")]
    [InlineData("wav", "-c:a adpcm_ms")]
    [InlineData("m4a", "-c:a aac")]
    [InlineData("webm", "-c:a libopus")]
    [InlineData("ogg", "-c:a flac")]
    public async Task Refuses_other_formats(string extension, string arguments)
    {
        var decoding = AudioDecoder.Decode(await Recordings.ToneAsync(extension, 5, arguments.Split(' ')), Limits);
        Assert.StartsWith("must be a WAV, MP3, FLAC or Ogg file", decoding.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("R")]
    [InlineData("RIFF")]
    [InlineData("RIFF\u0004\0\0\0WAVE")]
    [InlineData("fLaC")]
    [InlineData("OggS")]
    [InlineData("ID3")]
    [InlineData("ID3\u0004\0\0\u007f\u007f\u007f\u007f")]
    [InlineData("<html>not found</html>")]
    public void Refuses_what_only_begins_like_audio(string text) =>
        Assert.NotNull(AudioDecoder.Decode(Encoding.Latin1.GetBytes(text), Limits).Fault);

    [Theory]
    [InlineData(0xFF, 0xFB)]
    [InlineData(0, 0)]
    [InlineData(0xFF, 0xFF)]
    public void Refuses_bytes_without_sense(byte first, byte rest)
    {
        var file = new byte[200_000];
        Array.Fill(file, rest);
        file[0] = first;
        Assert.NotNull(AudioDecoder.Decode(file, Limits).Fault);
    }

    [Theory]
    [InlineData(22, 0)]
    [InlineData(22, 9)]
    [InlineData(22, 0xFFFF)]
    [InlineData(24, 0)]
    [InlineData(24, 1)]
    [InlineData(24, 7999)]
    [InlineData(24, 192001)]
    [InlineData(24, 0x7FFFFFFF)]
    [InlineData(24, -1)]
    [InlineData(34, 0)]
    [InlineData(34, 64)]
    public async Task Refuses_a_header_with_absurd_channels_rates_or_sample_sizes(int offset, int value)
    {
        var file = (await Recordings.ToneAsync("wav", 5, "-bitexact")).ToArray();
        if (offset == 24)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
        }
        else
        {
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(offset), unchecked((short)value));
        }

        Assert.NotNull(AudioDecoder.Decode(file, Limits).Fault);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0x7FFFFFF0)]
    [InlineData(100_000_000)]
    public async Task Counts_what_is_there_where_a_header_claims_more(int claimed)
    {
        var file = (await Recordings.ToneAsync("wav", 5, "-bitexact")).ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), claimed);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), claimed);
        var decoding = AudioDecoder.Decode(file, Limits);
        Assert.InRange(decoding.Audio!.Duration.TotalSeconds, 4.9, 5.1);
    }

    [Theory]
    [InlineData("wav")]
    [InlineData("mp3")]
    [InlineData("flac")]
    [InlineData("ogg")]
    public async Task A_file_that_was_cut_off_is_as_long_as_what_is_left_or_refused(string extension)
    {
        var file = await Recordings.FiveSecondsAsync(extension);
        foreach (var part in new[] { 0.1, 0.3, 0.5, 0.9 })
        {
            var decoding = AudioDecoder.Decode(file.AsMemory(0, (int)(file.Length * part)), Limits);
            Assert.True(decoding.Fault is not null || decoding.Audio!.Duration.TotalSeconds < 5 * part + 0.6, $"{part}: {decoding.Audio?.Duration}");
            Assert.True(part > 0.5 || decoding.Fault is not null, $"{part} of {extension} passed");
        }
    }

    [Fact]
    public async Task Turns_what_is_no_number_into_silence()
    {
        var file = (await Recordings.ToneAsync("wav", 5, "-c:a", "pcm_f32le", "-bitexact")).ToArray();
        var values = new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e30f };
        for (var i = 200; i + 4 <= file.Length; i += 4)
        {
            BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(i), values[i / 4 % 3]);
        }

        var decoding = AudioDecoder.Decode(file, Limits);
        Assert.All(decoding.Audio!.Samples.ToArray().Skip(1000), sample => Assert.Equal(0, sample));
    }

    [Fact]
    public async Task Mixes_all_channels_into_one()
    {
        var left = await Recordings.ToneAsync("wav", 5, "-af", "pan=stereo|c0=c0|c1=0*c0");
        var decoding = AudioDecoder.Decode(left, Limits);
        Assert.InRange(decoding.Audio!.Samples.ToArray().Max(sample => Math.Abs((int)sample)), 1800, 2300);
    }
}
