using Platform.Engines;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class WavEncoderTests
{
    private static readonly AudioTarget Wav = new(AudioFormat.Wav, 0, 0, 0);

    [Fact]
    public async Task Gives_back_every_sample_at_the_same_rate()
    {
        var clip = await Clips.SpeechAsync();
        var decoded = await DecodedAudio.OfAsync(AudioEncoder.Encode(clip, Wav), AudioFormat.Wav);
        Assert.Equal(("pcm_s16le", 24_000, 1), (decoded.Codec, decoded.SampleRate, decoded.Channels));
        Assert.Equal(clip.Samples.ToArray(), decoded.Samples);
    }

    [Fact]
    public async Task States_its_true_sizes_in_the_header()
    {
        var clip = await Clips.SpeechAsync();
        var file = AudioEncoder.Encode(clip, Wav).Bytes.ToArray();
        Assert.Equal(file.Length - 8, BitConverter.ToInt32(file, 4));
        Assert.Equal(file.Length - 44, BitConverter.ToInt32(file, 40));
        Assert.Equal(clip.Samples.Length * 2, file.Length - 44);
    }

    [Fact]
    public async Task Is_read_by_sox_without_a_complaint()
    {
        var clip = await Clips.SpeechAsync();
        var path = Path.ChangeExtension(Path.GetTempFileName(), ".wav");
        await File.WriteAllBytesAsync(path, AudioEncoder.Encode(clip, Wav).Bytes, TestContext.Current.CancellationToken);
        var (output, errors) = await Tool.RunAsync("sox", ["--info", "-s", path]);
        File.Delete(path);
        Assert.Equal($"{clip.Samples.Length}", System.Text.Encoding.ASCII.GetString(output).Trim());
        Assert.Empty(errors);
    }

    [Fact]
    public void Encodes_nothing_as_a_header_alone() =>
        Assert.Equal(44, AudioEncoder.Encode(new Pcm(default, 24_000), Wav).Bytes.Length);
}
