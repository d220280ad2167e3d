using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class VoiceBookTests
{
    private const string Path = "schemas/voices.json";
    private const string Flash = "alibaba:qwen@3-tts-flash";
    private const string Instruct = "alibaba:qwen@3-tts-instruct-flash";
    private static readonly SchemaFiles s_files = SchemaFiles.Embedded();

    private static VoiceBook Book => SampleTask.Voices;

    [Fact]
    public void Has_the_49_voices_of_the_provider_and_the_24_that_follow_instructions()
    {
        Assert.Equal(49, Of(Flash).Count);
        Assert.Equal(24, Of(Instruct).Count);
        Assert.Equal(9, Of(SampleTask.Air).Count);
        Assert.All(Of(Instruct), voice => Assert.Contains(Flash, voice.Models, StringComparer.Ordinal));
        Assert.DoesNotContain(Of(Instruct), voice => voice.Name is "ryan" or "aiden" or "dylan" or "eric" or "sohee" or "ono_anna");
        Assert.All(Of(Flash), voice => Assert.Equal(10, voice.Languages.Count));
    }

    [Theory]
    [InlineData("dylan", "Beijing")]
    [InlineData("jada", "Shanghai")]
    [InlineData("sunny", "Sichuan")]
    [InlineData("eric", "Sichuan")]
    [InlineData("rocky", "Cantonese")]
    [InlineData("kiki", "Cantonese")]
    [InlineData("peter", "Tianjin")]
    [InlineData("li", "Nanjing")]
    [InlineData("marcus", "Shaanxi")]
    [InlineData("roy", "Hokkien")]
    [InlineData("cherry", null)]
    public void Knows_the_dialects(string voice, string? dialect) => Assert.Equal(dialect, Book.Find(Flash, voice)!.Dialect);

    [Theory]
    [InlineData("vivian", "Vivian")]
    [InlineData("serena", "Serena")]
    [InlineData("dylan", "Dylan")]
    [InlineData("eric", "Eric")]
    [InlineData("ryan", "Ryan")]
    [InlineData("aiden", "Aiden")]
    [InlineData("ono_anna", "Ono Anna")]
    [InlineData("sohee", "Sohee")]
    [InlineData("uncle_fu", null)]
    public void Maps_the_nine_voices_to_their_namesakes_at_the_provider(string voice, string? sent)
    {
        Assert.Equal(sent, Book.Find(SampleTask.Air, voice)!.Sent);
        if (sent is not null)
        {
            Assert.Equal(sent, Book.Find(Flash, voice)!.Sent);
        }
    }

    [Fact]
    public void Spells_each_voice_as_the_provider_does()
    {
        Assert.Equal(
            ["Eldric Sage", "Ono Anna", "Radio Gol"],
            Of(Flash).Select(voice => voice.Sent!).Where(sent => sent.Contains(' ')).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        Assert.All(Of(Flash), voice => Assert.Equal(voice.Name, voice.Sent!.ToLowerInvariant().Replace(' ', '_')));
    }

    [Fact]
    public void Describes_each_voice_of_each_schema_and_each_only_once()
    {
        foreach (var model in SampleTask.Catalog.Models)
        {
            var names = model.Root.Find("speech.voice")!.Allowed?.Where(name => name is not ("auto" or "clone")) ?? [];
            Assert.Equal(names.Order(StringComparer.Ordinal), Of(model.Air).Select(voice => voice.Name).Order(StringComparer.Ordinal));
            Assert.All(Of(model.Air), voice => Assert.NotNull(voice.Description));
        }
    }

    [Fact]
    public void Resolves_auto_where_the_catalog_decides_it()
    {
        Assert.Equal("cherry", Book.Resolve(Flash, "auto"));
        Assert.Equal("ethan", Book.Resolve(Flash, "ethan"));
        Assert.Equal("auto", Book.Resolve("alibaba:cosyvoice@3.5-plus", "auto"));
        Assert.Null(Book.Find(Flash, "auto"));
        Assert.Null(Book.Find(Flash, "uncle_fu"));
    }

    [Fact]
    public void Lists_a_voice_that_nobody_described_by_its_name()
    {
        var file = s_files.Object(Path);
        var list = (JArray)file["voices"]!;
        list.Remove(list.Single(voice => (string?)voice["voice"] == "uncle_fu"));
        var book = VoiceBook.Load(s_files.With(Path, file.ToString()), SampleTask.Catalog);

        Assert.Equal(("uncle_fu", null), (book.All[^1].Name, book.All[^1].Description));
        Assert.Equal(10, book.All[^1].Languages.Count);
    }

    [Theory]
    [InlineData("\"voice\": \"uncle_fu\"", "\"voice\": \"aunt_fu\"", "'aunt_fu' must name models whose schemas have it")]
    [InlineData("\"voice\": \"uncle_fu\"", "\"name\": \"uncle_fu\"", "every voice needs a name")]
    [InlineData("\"voice\": \"uncle_fu\"", "\"voice\": \"ryan\"", "has the voice 'ryan' twice")]
    [InlineData("\"alibaba:qwen@3-tts-flash\": \"cherry\"", "\"alibaba:qwen@3-tts-flash\": \"merry\"", "the automatic voice of alibaba:qwen@3-tts-flash")]
    [InlineData("\"voices\"", "\"speakers\"", "'voices' must be a list")]
    public void Refuses_a_broken_file_at_start_and_says_where(string part, string broken, string message)
    {
        var text = s_files.Text(Path);
        Assert.Contains(part, text, StringComparison.Ordinal);
        var fault = Assert.Throws<InvalidDataException>(
            () => VoiceBook.Load(s_files.With(Path, text.Replace(part, broken, StringComparison.Ordinal)), SampleTask.Catalog));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    private static List<CatalogVoice> Of(string air) => [.. Book.All.Where(voice => voice.Models.Contains(air, StringComparer.Ordinal))];
}
