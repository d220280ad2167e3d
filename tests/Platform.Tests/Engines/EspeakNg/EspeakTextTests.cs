using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

/// <summary>What is spoken for a text, compared with the same words written so that nothing can go wrong.</summary>
public sealed class EspeakTextTests
{
    [Theory]
    [InlineData("[[h@loU]] there", "((h@loU)) there")]
    [InlineData("[[[h@loU", "(((h@loU")]
    [InlineData("a [\u0002[h@loU]] b", "a ( (h@loU)) b")]
    [InlineData("Hello \u000190Pworld", "Hello  90Pworld")]
    [InlineData("Hello \u0001+30S world", "Hello  +30S world")]
    [InlineData("Hel\u200Blo\u00AD", "Hello")]
    public async Task Reads_markup_instead_of_obeying_it(string text, string written) =>
        Assert.Equal(await Requests.SamplesAsync(written), await Requests.SamplesAsync(text));

    [Fact]
    public async Task Reads_phonemes_as_text()
    {
        // If the brackets were obeyed, this would say "hello" and be as short.
        var hello = await Requests.SamplesAsync("hello");
        var letters = await Requests.SamplesAsync("[[h@loU]]");
        Assert.True(letters.Length > 1.5 * hello.Length);
    }

    [Fact]
    public async Task Takes_tags_and_entities_for_text()
    {
        var tagged = await Requests.SamplesAsync("<prosody rate=\"x-slow\">Hello</prosody>");
        var plain = await Requests.SamplesAsync("Hello");
        Assert.True(tagged.Length > 2 * plain.Length);
    }

    [Theory]
    [InlineData("Chinese", "今天的天气非常好。")]
    [InlineData("English", "The weather is very good today.")]
    [InlineData("Japanese", "今日はとても良い天気です。")]
    [InlineData("Korean", "오늘은 날씨가 아주 좋습니다.")]
    [InlineData("German", "Das Wetter ist heute sehr schön und warm.")]
    [InlineData("French", "Il fait très beau aujourd'hui et le soleil est là.")]
    [InlineData("Russian", "Сегодня очень хорошая погода.")]
    [InlineData("Portuguese", "O tempo está muito bom hoje, não é?")]
    [InlineData("Spanish", "Hoy hace muy buen tiempo y el sol está en el cielo.")]
    [InlineData("Italian", "Oggi il tempo è molto bello e c'è il sole.")]
    public async Task Speaks_each_language_and_finds_it_out_by_itself(string language, string text)
    {
        var told = await Requests.SamplesAsync(text, language);
        var guessed = await Requests.SamplesAsync(text, "Auto");
        var asEnglish = await Requests.SamplesAsync(text);
        Assert.InRange(told.Length / 24_000.0, 1, 6);
        Assert.Equal(told, guessed);
        Assert.Equal(language is "English", told.SequenceEqual(asEnglish));
    }

    [Theory]
    [InlineData("Chinese", "vivian")]
    [InlineData("English", "ryan")]
    [InlineData("Japanese", "ono_anna")]
    [InlineData("Korean", "sohee")]
    [InlineData("Russian", "aiden")]
    public async Task Leaves_the_voice_to_the_language_if_asked_to(string language, string voice) =>
        Assert.Equal(await Requests.SamplesAsync("12", language, voice), await Requests.SamplesAsync("12", language, "auto"));

    [Theory]
    [InlineData("今天12点", "今天十二点")]
    [InlineData("你好", "ni3 hao3")]
    public async Task Reads_chinese_characters_digits_and_pinyin_as_chinese(string text, string written)
    {
        var first = await Requests.SamplesAsync(text, "Chinese", "vivian");
        var second = await Requests.SamplesAsync(written, "Chinese", "vivian");
        Assert.InRange((double)first.Length / second.Length, 0.9, 1.1);
    }

    [Theory]
    [InlineData("東京", "とうきょう")]
    [InlineData("日本語を話す", "にほんご を はなす")]
    [InlineData("12時30分", "12じ 30ふん")]
    [InlineData("カタカナ", "かたかな")]
    public async Task Reads_kanji_and_katakana_as_their_kana(string text, string kana) =>
        Assert.Equal(await Requests.SamplesAsync(kana, "Japanese"), await Requests.SamplesAsync(text, "Japanese"));
}
