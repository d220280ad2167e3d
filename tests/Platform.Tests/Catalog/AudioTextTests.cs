using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class AudioTextTests
{
    [Theory]
    [InlineData("4a9082fd-1865-4261-a0bc-c6cfe96001fc")]
    [InlineData("4A9082FD-1865-7261-A0BC-C6CFE96001FC")]
    [InlineData("https://media.example.com/voice.wav")]
    [InlineData("http://127.0.0.1:8080/voice.wav?x=1")]
    [InlineData("data:audio/wav;base64,UklGRg==")]
    [InlineData("DATA:audio/mpeg;rate=44100;BASE64,UklGRg==")]
    [InlineData("data:;base64,UklGRg==")]
    [InlineData("UklGRg==")]
    [InlineData("UklG\nRg==")]
    public void Takes_a_uuid_a_url_a_data_uri_and_base64(string text) => Assert.True(AudioText.IsOne(text));

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("voice.wav")]
    [InlineData("UklGRg")]
    [InlineData("UklGRg=")]
    [InlineData("Ukl-Rg__")]
    [InlineData("4a9082fd-1865-4261-a0bc-c6cfe96001fg")]
    [InlineData("4a9082fd-1865-4261-a0bc-c6cfe96001f")]
    [InlineData("{4a9082fd-1865-4261-a0bc-c6cfe96001fc}")]
    [InlineData("ftp://example.com/voice.wav")]
    [InlineData("https://user:secret@example.com/voice.wav")]
    [InlineData("https://exa mple.com/voice.wav")]
    [InlineData("data:audio/wav,UklGRg==")]
    [InlineData("data:audio/wav;base64,")]
    [InlineData("data:audio/wav;base64,***")]
    [InlineData("data:audio/wav;base64")]
    [InlineData("data:")]
    public void Refuses_everything_else(string text) => Assert.False(AudioText.IsOne(text));

    [Fact]
    public void Refuses_an_endless_url_and_an_endless_data_header()
    {
        Assert.False(AudioText.IsOne("https://example.com/" + new string('a', 8200)));
        Assert.False(AudioText.IsOne($"data:{new string('a', 300)};base64,UklGRg=="));
    }

    [Fact]
    public void Takes_the_largest_recording_as_base64_and_as_a_data_uri()
    {
        var text = Convert.ToBase64String(new byte[10 * 1024 * 1024]);
        Assert.True(AudioText.IsOne(text));
        Assert.True(AudioText.IsOne("data:audio/wav;base64," + text));
        Assert.InRange(text.Length, 13_000_000, 14_000_000 - 300);
    }
}
