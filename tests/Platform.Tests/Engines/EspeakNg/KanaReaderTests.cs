using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class KanaReaderTests
{
    private readonly KanaReader reader = new("kakasi");

    [Theory]
    [InlineData("東京は美しいです。", "とうきょう わ うつくし いです。")]
    [InlineData("学校へ行く", "がっこう え いく")]
    [InlineData("12時30分", "12じ30ふん")]
    [InlineData("12時間", "12じかん")]
    [InlineData("人々", "ひとびと")]
    [InlineData("OK、日本！", "OK、にっぽん！")]
    [InlineData("はい", "はい")]
    public async Task Writes_words_as_they_are_spoken(string text, string kana) =>
        Assert.Equal(Compact(kana), Compact(await ReadAsync(text)));

    [Theory]
    [InlineData("Hello, world 123")]
    [InlineData("😀 é 한국어")]
    [InlineData("")]
    public async Task Leaves_alone_what_is_not_japanese(string text) => Assert.Equal(text, await ReadAsync(text));

    [Theory]
    [InlineData("龘さん", "龘さん")]
    [InlineData("𠮷野家", "𠮷のいえ")]
    [InlineData("東京😀は", "とうきょう😀わ")]
    [InlineData("髙橋", "髙はし")]
    public async Task Keeps_characters_that_kakasi_does_not_know_from_it(string text, string kana) =>
        Assert.Equal(kana, Compact(await ReadAsync(text)));

    [Fact]
    public async Task Reads_two_thousand_characters()
    {
        var kana = await ReadAsync(string.Concat(Enumerable.Repeat("東京都、", 500)));
        Assert.Equal(500, kana!.Split('、').Length - 1);
        Assert.DoesNotContain('東', kana);
        var unbroken = await ReadAsync(new string('東', 2000));
        Assert.DoesNotContain('東', unbroken!);
    }

    [Fact]
    public async Task Gives_nothing_when_kakasi_is_missing_or_fails()
    {
        Assert.Null(await new KanaReader("/nowhere/kakasi").ReadAsync("東京", TestContext.Current.CancellationToken));
        Assert.Null(await new KanaReader("false").ReadAsync("東京", TestContext.Current.CancellationToken));
        Assert.Null(await new KanaReader("true").ReadAsync("東京\u3000京都", TestContext.Current.CancellationToken));
    }

    private Task<string?> ReadAsync(string text) => reader.ReadAsync(text, TestContext.Current.CancellationToken);

    private static string? Compact(string? text) => text?.Replace(" ", "", StringComparison.Ordinal);
}
