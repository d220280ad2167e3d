using Platform.Catalog;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class SearchModelsTests
{
    private readonly SearchModels search = new(SampleTask.Catalog, SampleTask.Voices);

    [Fact]
    public void Nothing_asked_for_finds_every_model()
    {
        var (page, total) = Find(null);

        Listed.Same(SampleTask.Catalog.Models.Select(model => model.Air), page.Select(found => found.Model.Air));
        Assert.Equal(SampleTask.Catalog.Models.Count, total);
        Assert.Equal(total, Find("  ").Total);
    }

    [Theory]
    [InlineData("customvoice")]
    [InlineData("ALIBABA:QWEN@3-tts-1.7b-customvoice")]
    [InlineData("Qwen3-TTS CustomVoice")]
    [InlineData("voice qwen preset")]
    public void Finds_words_in_identifier_name_and_description(string text) =>
        Assert.Contains(Find(text).Page, found => found.Model.Air == "alibaba:qwen@3-tts-1.7b-customvoice");

    [Theory]
    [InlineData("customvoice zebra")]
    [InlineData("%")]
    [InlineData(".*")]
    public void A_word_that_is_nowhere_finds_nothing(string text) => Assert.Equal(0, Find(text).Total);

    [Fact]
    public void A_page_is_cut_out_and_the_total_is_of_all()
    {
        var all = Find(null).Page.Select(found => found.Model.Air).ToList();

        Assert.Equal((all.Count, ""), (search.Find(new ModelQuery(null, 5, all.Count)).Total, Airs(new ModelQuery(null, 5, all.Count))));
        Assert.Equal(all[^1], Airs(new ModelQuery(null, 5, all.Count - 1)));
        Assert.Equal(all[0], Airs(new ModelQuery(null, 1, 0)));
    }

    [Fact]
    public void Category_and_architecture_narrow_it()
    {
        Assert.Equal("", Airs(new ModelQuery(null, 100, 0) { Category = "lora" }));
        Assert.Equal("", Airs(new ModelQuery(null, 100, 0) { Architecture = "sdxl" }));
        Assert.Equal(Airs(new ModelQuery(null, 100, 0)), Airs(new ModelQuery(null, 100, 0) { Category = "Checkpoint" }));
        Assert.Equal(
            "minimax:speech@02-hd minimax:speech@02-turbo minimax:speech@2.8-hd minimax:speech@2.8-turbo",
            Airs(new ModelQuery(null, 100, 0) { Architecture = "speech" }));
        Assert.Equal(5, search.Find(new ModelQuery(null, 100, 0) { Category = "checkpoint", Architecture = "QWEN" }).Total);
        Assert.Equal(4, search.Find(new ModelQuery(null, 100, 0) { Architecture = "cosyvoice" }).Total);
    }

    [Theory]
    [InlineData("uncle_fu", "alibaba:qwen@3-tts-1.7b-customvoice")]
    [InlineData("eldric_sage", "alibaba:qwen@3-tts-flash alibaba:qwen@3-tts-instruct-flash")]
    [InlineData("Radio Gol", "alibaba:qwen@3-tts-flash")]
    [InlineData("Nanjing", "alibaba:qwen@3-tts-flash")]
    [InlineData("cantonese cosyvoice", "alibaba:cosyvoice@3-flash")]
    [InlineData("male-qn-badao hd", "minimax:speech@02-hd minimax:speech@2.8-hd")]
    public void Finds_the_names_dialects_and_languages_of_voices(string text, string airs) => Assert.Equal(airs, Airs(new ModelQuery(text, 100, 0)));

    [Fact]
    public void Finds_a_language_by_the_voices_that_speak_it()
    {
        Assert.Contains("alibaba:qwen@3-tts-flash", Airs(new ModelQuery("Portuguese", 100, 0)), StringComparison.Ordinal);
        Assert.DoesNotContain("cosyvoice", Airs(new ModelQuery("Portuguese", 100, 0)), StringComparison.Ordinal);
    }

    [Fact]
    public void Version_and_architecture_are_read_from_the_identifier()
    {
        var found = Find("customvoice").Page.Single();

        Assert.Equal(("qwen", "3-tts-1.7b-customvoice"), (found.Architecture, found.Version));
        Assert.NotEmpty(found.Description);
    }

    private (IReadOnlyList<FoundModel> Page, int Total) Find(string? text) => search.Find(new ModelQuery(text, 100, 0));

    private string Airs(ModelQuery query) => string.Join(' ', search.Find(query).Page.Select(found => found.Model.Air));
}
