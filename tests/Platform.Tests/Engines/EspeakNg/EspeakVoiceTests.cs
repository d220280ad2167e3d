using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class EspeakVoiceTests
{
    [Fact]
    public void Lists_the_nine_voices_of_the_contract() =>
        Assert.Equal(
            "aiden dylan eric ono_anna ryan serena sohee uncle_fu vivian",
            string.Join(' ', EspeakVoice.All.Select(voice => voice.Name).Order(StringComparer.Ordinal)));

    [Fact]
    public void Gives_each_voice_a_timbre_of_its_own() =>
        Assert.Distinct(EspeakVoice.All.Select(voice => voice.Variant), StringComparer.Ordinal);

    [Fact]
    public void Has_a_voice_for_every_language_that_leaves_it_open() =>
        Assert.All(EspeakLanguage.All, language => Assert.NotNull(EspeakVoice.Find("auto", language)));

    [Fact]
    public void Lists_the_ten_languages_of_the_contract() =>
        Assert.Equal(
            "Chinese English Japanese Korean German French Russian Portuguese Spanish Italian",
            string.Join(' ', EspeakLanguage.All.Select(language => language.Name)));
}
