using Platform.Engines.LongText;
using Xunit;

namespace Platform.Tests.Engines.LongText;

public sealed class SplitTextTests
{
    [Theory]
    [InlineData("One two. Three four. Five six.", 19, "One two.|Three four.|Five six.", "Sentence,Sentence,Sentence")]
    [InlineData("Eins. Zwei! Drei? Vier.", 12, "Eins. Zwei!|Drei? Vier.", "Sentence,Sentence")]
    [InlineData("今天很好。我们去公园吧！好吗？好。", 10, "今天很好。|我们去公园吧！好吗？|好。", "Sentence,Sentence,Sentence")]
    [InlineData("今日は良い天気です。「散歩に行こう。」と言った。", 13, "今日は良い天気です。|「散歩に行こう。」|と言った。", "Sentence,Sentence,Sentence")]
    [InlineData("안녕하세요. 오늘은 날씨가 좋아요. 산책해요.", 18, "안녕하세요.|오늘은 날씨가 좋아요. 산책해요.", "Sentence,Sentence")]
    [InlineData("¿Qué tal? ¡Muy bien! Vale.", 22, "¿Qué tal? ¡Muy bien!|Vale.", "Sentence,Sentence")]
    [InlineData("Он сказал: «Пора». Все встали… И ушли.", 32, "Он сказал: «Пора». Все встали…|И ушли.", "Sentence,Sentence")]
    [InlineData("« Vraiment ?! » dit-elle. Oui.", 27, "« Vraiment ?! » dit-elle.|Oui.", "Sentence,Sentence")]
    [InlineData("Dr. Weiss met Mr. Smith. They left.", 26, "Dr. Weiss met Mr. Smith.|They left.", "Sentence,Sentence")]
    [InlineData("It costs 3.50 or 4.20 today. Fine.", 30, "It costs 3.50 or 4.20 today.|Fine.", "Sentence,Sentence")]
    [InlineData("z. B. im Haus von J. R. Meier und so weiter. Ende.", 46, "z. B. im Haus von J. R. Meier und so weiter.|Ende.", "Sentence,Sentence")]
    [InlineData("First line\nsecond line here", 15, "First line|second line|here", "Sentence,Word,Sentence")]
    [InlineData("one, two three, four five six", 16, "one, two three,|four five six", "Clause,Sentence")]
    [InlineData("一二三，四五六七八，九十", 7, "一二三，|四五六七八，|九十", "Clause,Clause,Sentence")]
    [InlineData("alpha beta gamma delta", 12, "alpha beta|gamma delta", "Word,Sentence")]
    [InlineData("abcdefghij", 4, "abcd|efgh|ij", "None,None,Sentence")]
    [InlineData("  Hello.  ", 100, "Hello.", "Sentence")]
    [InlineData("   ", 100, "", "")]
    [InlineData("Wait... what? Yes.", 14, "Wait... what?|Yes.", "Sentence,Sentence")]
    public void Cuts_at_the_best_place_that_fits(string text, int limit, string parts, string seams)
    {
        var found = SplitText.Run(text, limit);
        Assert.Equal(parts, string.Join('|', found.Select(part => part.Text)));
        Assert.Equal(seams, string.Join(',', found.Select(part => part.End)));
    }

    [Theory]
    [InlineData("👨‍👩‍👧‍👦")]
    [InlineData("e\u0301")]
    [InlineData("🇩🇪")]
    [InlineData("각")]
    [InlineData("👍🏽")]
    public void Never_cuts_inside_what_people_see_as_one_character(string character)
    {
        var text = string.Concat(Enumerable.Repeat(character, 40));
        foreach (var limit in Enumerable.Range(8, 20))
        {
            var parts = SplitText.Run(text, limit);
            Assert.Equal(text, string.Concat(parts.Select(part => part.Text)));
            Assert.All(parts, part => Assert.Equal(0, part.Text.Length % character.Length));
        }
    }

    [Fact]
    public void A_character_with_more_marks_than_a_part_may_have_is_cut_between_code_points()
    {
        var text = "a" + string.Concat(Enumerable.Repeat("\u0301", 50)) + "😀";
        var parts = SplitText.Run(text, 7);
        Assert.Equal(text, string.Concat(parts.Select(part => part.Text)));
        Assert.All(parts, part => Assert.InRange(Length(part.Text), 1, 7));
        Assert.All(parts, part => Assert.False(char.IsLowSurrogate(part.Text[0]) || char.IsHighSurrogate(part.Text[^1])));
    }

    [Fact]
    public void Whatever_the_text_nothing_but_blanks_is_lost_and_no_part_is_too_long()
    {
        string[] scraps =
        [
            "word", " ", ". ", "! ", "。", "，", ", ", "\n", "é", "e\u0301", "😀", "👨‍👩‍👧", "Mr. ", "3.5", "… ", "”", "「あ」", "\u200d",
            "한국어", "ß", "\t", "; ", "?!",
        ];
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 120)).Select(_ => scraps[random.Next(scraps.Length)]));
            var limit = random.Next(1, 60);
            var parts = SplitText.Run(text, limit);

            Assert.Equal(Dense(text), Dense(string.Concat(parts.Select(part => part.Text))));
            Assert.All(parts, part =>
            {
                Assert.InRange(Length(part.Text), 1, limit);
                Assert.Equal(part.Text.Trim(), part.Text);
                Assert.False(char.IsLowSurrogate(part.Text[0]) || char.IsHighSurrogate(part.Text[^1]));
            });
        }
    }

    [Theory]
    [InlineData("Hello", true)]
    [InlineData("你", true)]
    [InlineData("7", true)]
    [InlineData("😀", true)]
    [InlineData("€", true)]
    [InlineData("...", false)]
    [InlineData("?! —", false)]
    [InlineData(" \n", false)]
    [InlineData("「」。", false)]
    public void Knows_a_text_without_words(string text, bool hasWords) => Assert.Equal(hasWords, SplitText.HasWords(text));

    private static string Dense(string text) => string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));

    private static int Length(string text) => text.EnumerateRunes().Count();
}
