using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class AudioEncoderTests
{
    public static TheoryData<string, int, int, int> Targets() => new()
    {
        { nameof(AudioFormat.Mp3), 44_100, 2, 128 },
        { nameof(AudioFormat.Ogg), 48_000, 2, 128 },
        { nameof(AudioFormat.Flac), 0, 0, 0 },
        { nameof(AudioFormat.Wav), 0, 0, 0 },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Gives_the_same_bytes_for_the_same_input(string format, int rate, int channels, int kbps)
    {
        var clip = await Clips.SpeechAsync();
        var target = new AudioTarget(Enum.Parse<AudioFormat>(format), rate, channels, kbps);
        Assert.Equal(AudioEncoder.Encode(clip, target).Bytes.ToArray(), AudioEncoder.Encode(clip, target).Bytes.ToArray());
    }

    [Fact]
    public async Task Serves_many_threads_at_once()
    {
        var clip = await Clips.SpeechAsync();
        AudioTarget[] targets =
        [
            new(AudioFormat.Mp3, 44_100, 2, 128), new(AudioFormat.Ogg, 24_000, 1, 48),
            new(AudioFormat.Flac, 0, 0, 0), new(AudioFormat.Wav, 0, 0, 0),
        ];
        var alone = targets.Select(target => AudioEncoder.Encode(clip, target).Bytes.ToArray()).ToList();
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
            Assert.Equal(alone[i % 4], AudioEncoder.Encode(clip, targets[i % 4]).Bytes.ToArray()));
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Tells_the_duration_of_the_audio(string format, int rate, int channels, int kbps)
    {
        var clip = await Clips.SpeechAsync();
        var target = new AudioTarget(Enum.Parse<AudioFormat>(format), rate, channels, kbps);
        Assert.Equal(clip.Duration, AudioEncoder.Encode(clip, target).Duration);
    }
}
