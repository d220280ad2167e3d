using System.Text.Json.Nodes;
using Platform.Engines;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

/// <summary>The mark as ffprobe, which shares no code with it, reads it.</summary>
public sealed class AudioMarkTests
{
    private static readonly Pcm s_tone = new(Tone.Of(440, 24_000, 3), 24_000);

    public static TheoryData<string, int, int, int> Targets { get; } = new()
    {
        { "Mp3", 44_100, 2, 128 },
        { "Mp3", 24_000, 1, 64 },
        { "Mp3", 8_000, 1, 8 },
        { "Ogg", 48_000, 2, 128 },
        { "Ogg", 24_000, 1, 64 },
        { "Flac", 0, 1, 0 },
        { "Wav", 0, 1, 0 },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Says_in_every_format_that_a_machine_spoke(string name, int rate, int channels, int kbps)
    {
        var target = new AudioTarget(Enum.Parse<AudioFormat>(name), rate, channels, kbps);
        var (plain, marked) = (AudioEncoder.Encode(s_tone, target), AudioEncoder.Encode(s_tone, target with { IsMarked = true }));

        var tags = await TagsAsync(marked, target.Format);
        Assert.Contains(tags, tag => tag.Value.Contains("artificial intelligence", StringComparison.Ordinal));
        Assert.Contains(tags, tag => $"{tag.Key}={tag.Value}".Contains("AI_GENERATED", StringComparison.OrdinalIgnoreCase)
            && tag.Value.Contains("true", StringComparison.Ordinal));
        Assert.DoesNotContain(await TagsAsync(plain, target.Format), tag => tag.Value.Contains("artificial", StringComparison.Ordinal));

        // The audio is the same to the last sample, and so are its bitrate and length.
        var (one, other) = (await DecodedAudio.OfAsync(plain, target.Format), await DecodedAudio.OfAsync(marked, target.Format));
        Assert.Equal(one.Samples, other.Samples);
        Assert.Equal((one.SampleRate, one.Channels), (other.SampleRate, other.Channels));
        Assert.InRange((other.StatedDuration - one.StatedDuration).TotalSeconds, -0.2, 0.2);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Costs_the_same_few_bytes_each_time(string name, int rate, int channels, int kbps)
    {
        var target = new AudioTarget(Enum.Parse<AudioFormat>(name), rate, channels, kbps);
        var marked = target with { IsMarked = true };
        Assert.Equal(AudioEncoder.Encode(s_tone, marked).Bytes.ToArray(), AudioEncoder.Encode(s_tone, marked).Bytes.ToArray());
        Assert.InRange(AudioEncoder.Encode(s_tone, marked).Bytes.Length - AudioEncoder.Encode(s_tone, target).Bytes.Length, 40, 200);
    }

    [Fact]
    public void The_frames_of_an_mp3_stay_where_and_as_they_are()
    {
        var target = new AudioTarget(AudioFormat.Mp3, 44_100, 2, 128);
        var plain = AudioEncoder.Encode(s_tone, target).Bytes.ToArray();
        var marked = AudioEncoder.Encode(s_tone, target with { IsMarked = true }).Bytes.ToArray();
        Assert.Equal(plain, marked[^plain.Length..]);
        Assert.Equal("ID3"u8.ToArray(), marked[..3]);
    }

    private static async Task<List<KeyValuePair<string, string>>> TagsAsync(EncodedAudio file, AudioFormat format)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.{format.FileExtension()}");
        await File.WriteAllBytesAsync(path, file.Bytes, TestContext.Current.CancellationToken);
        try
        {
            var (output, _) = await Tool.RunAsync(
                "ffprobe", ["-v", "error", "-show_entries", "format_tags:stream_tags", "-of", "json", path]);
            var json = JsonNode.Parse(output)!;
            return
            [
                .. ((JsonNode?[])[json["format"]?["tags"], json["streams"]?[0]?["tags"]]).OfType<JsonObject>()
                    .SelectMany(tags => tags).Select(tag => KeyValuePair.Create(tag.Key, (string)tag.Value!)),
            ];
        }
        finally
        {
            File.Delete(path);
        }
    }
}
