using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class SpeakableTextTests
{
    [Theory]
    [InlineData("[[x]]", "((x))")]
    [InlineData("a\u0001b\0c\u001Bd\u0085e", "a b c d e")]
    [InlineData("a\r\nb\u2028c", "a \nb\nc")]
    [InlineData("a\uE001b\uFFFDc", "a b c")]
    [InlineData("a\u200Bb\uFEFFc\u202Ed", "abcd")]
    [InlineData("é ñ 你好 한 😀 — «x»", "é ñ 你好 한 😀 — «x»")]
    public void Keeps_text_and_drops_what_is_obeyed(string text, string safe) => Assert.Equal(safe, SpeakableText.Of(text).Text);

    // Not as a case above: the compiler stores those as UTF-8, which has no half pairs.
    [Fact]
    public void Drops_half_of_a_surrogate_pair() => Assert.Equal("a b", SpeakableText.Of($"a{'\uD83D'}b").Text);

    [Theory]
    [InlineData("a", true)]
    [InlineData("7", true)]
    [InlineData("你", true)]
    [InlineData("", false)]
    [InlineData("...!?", false)]
    [InlineData("😀", false)]
    [InlineData("\u0001 \u200B", false)]
    public void Knows_whether_there_is_a_word(string text, bool hasWords) => Assert.Equal(hasWords, SpeakableText.Of(text).HasWords);
}
