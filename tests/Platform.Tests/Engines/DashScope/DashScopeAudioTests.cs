using System.Text.Json;
using Platform.Engines.DashScope;
using Platform.Media;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Engines.LongText;
using Xunit;

namespace Platform.Tests.Engines.DashScope;

public sealed class DashScopeAudioTests
{
    public static TheoryData<string> Layouts { get; } = [.. MiniMaxAnswers.All];

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task Takes_minimaxs_audio_wherever_it_stands(string layout)
    {
        await using var provider = await FakeDashScope.StartAsync();
        provider.Speak = static (_, _) => Task.FromResult(JoinSpeechTests.Voice(1, 0, 0));
        provider.Instead = MiniMaxAnswers.Of(provider, layout);

        var outcome = await provider.Engine().SpeakAsync(
            Requests.Of("Hello there.", "auto") with { Model = "minimax:speech@02-hd" }, TestContext.Current.CancellationToken);

        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        Assert.Equal(24_000, outcome.Audio.SampleRate);
        Assert.InRange(outcome.Audio.Duration.TotalSeconds, 0.98, 1.15);
        Assert.Equal("req-minimax", outcome.Usage.ProviderRequestId);
        Assert.Equal("male-qn-qingse", (string?)provider.Bodies[0]["input"]!["voice_setting"]!["voice_id"]);
    }

    [Fact]
    public void Hexadecimal_that_is_base64_too_is_told_by_what_comes_out()
    {
        var file = MiniMaxAnswers.Encode(JoinSpeechTests.Voice(0.2, 0, 0));
        foreach (var text in new[] { Convert.ToHexStringLower(file), Convert.ToHexString(file), Convert.ToBase64String(file) })
        {
            using var json = JsonDocument.Parse($"{{\"output\":{{\"audio\":\"{text}\"}}}}");
            Assert.Equal(file, DashScopeAudio.Find(json.RootElement).Bytes);
        }
    }

    [Fact]
    public void Decodes_what_providers_send_to_24_kilohertz_mono()
    {
        var voice = JoinSpeechTests.Voice(0.5, 0, 0);
        foreach (var format in new[] { AudioFormat.Wav, AudioFormat.Flac, AudioFormat.Mp3, AudioFormat.Ogg })
        {
            var file = AudioEncoder.Encode(voice, new AudioTarget(format, 48_000, 2, 128)).Bytes;
            var audio = DashScopeAudio.Decode(file, isRaw: false);
            Assert.Equal(24_000, audio!.SampleRate);
            Assert.InRange(audio.Duration.TotalSeconds, 0.48, 0.65);
        }
    }

    [Fact]
    public void A_wave_file_that_ends_before_its_header_says_is_no_audio()
    {
        var file = WavEncoder.Encode(JoinSpeechTests.Voice(0.5, 0, 0)).ToArray();
        Assert.NotNull(DashScopeAudio.Decode(file, isRaw: false));
        Assert.Null(DashScopeAudio.Decode(file.AsMemory(0, file.Length - 100), isRaw: false));
        Assert.Null(DashScopeAudio.Decode(file.AsMemory(0, 44), isRaw: false));
        Assert.Null(DashScopeAudio.Decode(file.AsMemory(0, 20), isRaw: true));

        // A writer that did not know the length left a placeholder: what came is all there is.
        file.AsSpan(4, 4).Fill(0xFF);
        file.AsSpan(40, 4).Fill(0xFF);
        Assert.InRange(DashScopeAudio.Decode(file, isRaw: false)!.Samples.Length, 11_990, 12_010);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>no</html>")]
    [InlineData("ID3 and nothing more")]
    [InlineData("OggSnothing")]
    public void Bytes_that_are_no_audio_are_none(string text) => Assert.Null(DashScopeAudio.Decode(System.Text.Encoding.Latin1.GetBytes(text), isRaw: false));

    [Fact]
    public void Raw_pcm_needs_at_least_a_sample()
    {
        Assert.Null(DashScopeAudio.Decode(new byte[1], isRaw: true));
        Assert.Equal(2, DashScopeAudio.Decode(new byte[5], isRaw: true)!.Samples.Length);
    }
}
