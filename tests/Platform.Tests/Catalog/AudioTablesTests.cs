using Platform.Catalog;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class AudioTablesTests
{
    /// <summary>The tables of the model's page, written down a second time: format, channels, rate, lowest and highest bitrate.</summary>
    public static TheoryData<string, int, int, int, int> Rows { get; } = new()
    {
        { "MP3", 1, 8_000, 8, 64 }, { "MP3", 1, 11_025, 8, 64 }, { "MP3", 1, 12_000, 8, 64 },
        { "MP3", 1, 16_000, 8, 160 }, { "MP3", 1, 22_050, 8, 160 }, { "MP3", 1, 24_000, 8, 160 },
        { "MP3", 1, 32_000, 32, 320 }, { "MP3", 1, 44_100, 32, 320 }, { "MP3", 1, 48_000, 32, 320 },
        { "MP3", 2, 8_000, 8, 64 }, { "MP3", 2, 11_025, 8, 64 }, { "MP3", 2, 12_000, 8, 64 },
        { "MP3", 2, 16_000, 8, 160 }, { "MP3", 2, 22_050, 8, 160 }, { "MP3", 2, 24_000, 8, 160 },
        { "MP3", 2, 32_000, 32, 320 }, { "MP3", 2, 44_100, 32, 320 }, { "MP3", 2, 48_000, 32, 320 },
        { "OGG", 1, 8_000, 8, 40 }, { "OGG", 1, 12_000, 16, 48 }, { "OGG", 1, 16_000, 16, 96 },
        { "OGG", 1, 24_000, 16, 80 }, { "OGG", 1, 48_000, 32, 224 },
        { "OGG", 2, 8_000, 16, 80 }, { "OGG", 2, 12_000, 16, 96 }, { "OGG", 2, 16_000, 24, 192 },
        { "OGG", 2, 24_000, 32, 160 }, { "OGG", 2, 48_000, 48, 256 },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Takes_both_bounds_of_a_row_and_refuses_beyond(string format, int channels, int rate, int min, int max)
    {
        foreach (var bitrate in new[] { min, (min + max) / 2, max })
        {
            var target = Accepted(format, $"\"sampleRate\":{rate},\"channels\":{channels},\"bitrate\":{bitrate}");
            Assert.Equal(new AudioTarget(AudioTables.FormatOf(format), rate, channels, bitrate), target);
        }

        foreach (var bitrate in new[] { min - 1, max + 1 })
        {
            var error = Refused(format, $"\"sampleRate\":{rate},\"channels\":{channels},\"bitrate\":{bitrate}");
            Assert.Equal("invalidAudioSettingsBitrate", error.Code);
            Assert.Equal("audioSettings.bitrate", error.Parameter);
            if (bitrate is >= 8 and <= 320)
            {
                Assert.Equal((min, max), (error.Min, error.Max));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Moves_the_default_bitrate_to_the_nearest_bound_of_the_rate(string format, int channels, int rate, int min, int max)
    {
        var target = Accepted(format, $"\"sampleRate\":{rate},\"channels\":{channels}");
        Assert.Equal(128 < min ? min : 128 > max ? max : 128, target.BitrateKbps);
    }

    [Theory]
    [InlineData("MP3", "", 44_100, 2, 128)]
    [InlineData("OGG", "", 48_000, 2, 128)]
    [InlineData("MP3", "\"bitrate\":32", 44_100, 2, 32)]
    [InlineData("OGG", "\"bitrate\":256", 48_000, 2, 256)]
    [InlineData("OGG", "\"channels\":1", 48_000, 1, 128)]
    [InlineData("MP3", "\"sampleRate\":8000", 8_000, 2, 64)]
    [InlineData("OGG", "\"sampleRate\":8000", 8_000, 2, 80)]
    [InlineData("OGG", "\"sampleRate\":24000", 24_000, 2, 128)]
    public void Fills_what_is_absent(string format, string settings, int rate, int channels, int bitrate)
    {
        var expected = new AudioTarget(AudioTables.FormatOf(format), rate, channels, bitrate);
        Assert.Equal(expected, Accepted(format, settings));
    }

    [Theory]
    [InlineData("MP3")]
    [InlineData("OGG")]
    public void Fills_the_same_without_audio_settings_as_with_empty_ones(string format) =>
        Assert.Equal(SampleTask.Accepted($"\"outputFormat\":\"{format}\"").Target, Accepted(format, ""));

    [Fact]
    public void Judges_a_lone_bitrate_by_the_default_rate()
    {
        var error = Refused("MP3", "\"bitrate\":31");
        Assert.Equal("invalidAudioSettingsBitrate", error.Code);
        Assert.Equal((32m, 320m), (error.Min, error.Max));
        Assert.Equal("'audioSettings.bitrate' must be an integer from 32 to 320 for this sample rate and these channels.", error.Message);
    }

    [Theory]
    [InlineData(11_025)]
    [InlineData(22_050)]
    [InlineData(32_000)]
    [InlineData(44_100)]
    public void Refuses_a_rate_that_only_mp3_has_for_ogg(int rate)
    {
        var error = Refused("OGG", $"\"sampleRate\":{rate},\"bitrate\":64");
        Assert.Equal("invalidAudioSettingsSampleRate", error.Code);
        Assert.Equal(["8000", "12000", "16000", "24000", "48000"], error.AllowedValues);
    }

    [Theory]
    [InlineData("WAV")]
    [InlineData("FLAC")]
    public void Leaves_the_rate_of_lossless_formats_to_the_engine(string name)
    {
        var format = AudioTables.FormatOf(name);
        var target = SampleTask.Accepted($"\"outputFormat\":\"{name}\"").Target;
        Assert.Equal(new AudioTarget(format, SampleRate: 0, Channels: 1, BitrateKbps: 0), target);
    }

    [Fact]
    public void Knows_every_format_and_output_type_that_a_schema_allows()
    {
        foreach (var model in SampleTask.Catalog.Models)
        {
            Assert.All(model.Root.Find("outputFormat")!.Allowed!, name => AudioTables.FormatOf(name));
            Assert.All(model.Root.Find("outputType")!.Allowed!, name => SpeechBinder.OutputTypeOf(name));
        }

        Assert.Throws<ArgumentException>(() => AudioTables.FormatOf("mp3"));
        Assert.Throws<ArgumentException>(() => SpeechBinder.OutputTypeOf("url"));
    }

    private static AudioTarget Accepted(string format, string settings) => SampleTask.Accepted(Members(format, settings)).Target;

    private static TaskError Refused(string format, string settings) => SampleTask.Refused(Members(format, settings));

    private static string Members(string format, string settings) => $"\"outputFormat\":\"{format}\",\"audioSettings\":{{{settings}}}";
}
