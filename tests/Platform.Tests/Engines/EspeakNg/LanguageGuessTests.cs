using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class LanguageGuessTests
{
    [Theory]
    [InlineData("Where is the nearest station?", "English")]
    [InlineData("Hello", "English")]
    [InlineData("", "English")]
    [InlineData("12345 !?", "English")]
    [InlineData("Ich möchte bitte ein Bier und die Rechnung.", "German")]
    [InlineData("Wir sind auf dem Weg zu dir", "German")]
    [InlineData("Où est la gare, s'il vous plaît ?", "French")]
    [InlineData("Je ne sais pas ce que tu veux", "French")]
    [InlineData("Não sei onde fica a estação.", "Portuguese")]
    [InlineData("Você pode me dizer as horas?", "Portuguese")]
    [InlineData("¿Dónde está la estación?", "Spanish")]
    [InlineData("Yo no se lo que pasa con los niños", "Spanish")]
    [InlineData("Non so che cosa fare con il mio gatto", "Italian")]
    [InlineData("Perché la vita è bella, però difficile", "Italian")]
    [InlineData("Где вокзал?", "Russian")]
    [InlineData("你好，世界", "Chinese")]
    [InlineData("我用 iPhone 打电话", "Chinese")]
    [InlineData("東京へ行きます", "Japanese")]
    [InlineData("ラーメン", "Japanese")]
    [InlineData("안녕하세요 world", "Korean")]
    [InlineData("I visited 東京 and it was wonderful in the spring", "English")]
    public void Finds_the_language(string text, string language) => Assert.Equal(language, LanguageGuess.Of(text).Name);
}
