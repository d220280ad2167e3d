using Platform.Media;
using Xunit;

namespace Platform.Tests.Media;

public sealed class AudioFormatFactsTests
{
    [Theory]
    [InlineData(nameof(AudioFormat.Mp3), "audio/mpeg", "mp3")]
    [InlineData(nameof(AudioFormat.Wav), "audio/wav", "wav")]
    [InlineData(nameof(AudioFormat.Flac), "audio/flac", "flac")]
    [InlineData(nameof(AudioFormat.Ogg), "audio/ogg", "ogg")]
    public void Knows_content_type_and_extension(string format, string contentType, string extension)
    {
        var value = Enum.Parse<AudioFormat>(format);
        Assert.Equal((contentType, extension), (value.ContentType(), value.FileExtension()));
    }

    [Fact]
    public void Has_an_answer_for_every_format() =>
        Assert.All(Enum.GetValues<AudioFormat>(), format => Assert.NotEmpty(format.ContentType() + format.FileExtension()));
}
