using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class ModelCatalogTests
{
    private const string SchemaPath = "schemas/models/alibaba-qwen-3-tts-1.7b-customvoice.json";

    private static readonly SchemaFiles s_files = SchemaFiles.Embedded();

    [Fact]
    public void Knows_every_model_that_the_seeds_describe_each_with_a_pool_of_its_own()
    {
        Assert.Equal(
            [
                "alibaba:cosyvoice@3-flash cosyvoice_3_flash", "alibaba:cosyvoice@3-plus cosyvoice_3_plus",
                "alibaba:cosyvoice@3.5-flash cosyvoice_3_5_flash", "alibaba:cosyvoice@3.5-plus cosyvoice_3_5_plus",
                "alibaba:qwen@3-tts-1.7b-base qwen3_tts_base", "alibaba:qwen@3-tts-1.7b-customvoice qwen3_tts_customvoice",
                "alibaba:qwen@3-tts-1.7b-voicedesign qwen3_tts_voicedesign", "alibaba:qwen@3-tts-flash qwen3_tts_flash",
                "alibaba:qwen@3-tts-instruct-flash qwen3_tts_instruct_flash", "minimax:speech@02-hd minimax_speech_02_hd",
                "minimax:speech@02-turbo minimax_speech_02_turbo", "minimax:speech@2.8-hd minimax_speech_2_8_hd",
                "minimax:speech@2.8-turbo minimax_speech_2_8_turbo",
            ],
            SampleTask.Catalog.Models.Select(model => $"{model.Air} {model.Pool}"), StringComparer.Ordinal);
        Assert.Equal(SampleTask.Catalog.Models.Count, SampleTask.Catalog.Pools.Count());
        Assert.All(SampleTask.Catalog.Pools, static pool => Assert.Matches("^[a-z0-9_]+$", pool));
        Assert.Equal("Qwen3-TTS 1.7B CustomVoice", SampleTask.Model.Name);
        Assert.Equal(s_files.Text(SchemaPath), SampleTask.Model.SchemaText);
        Assert.Null(SampleTask.Catalog.Find(SampleTask.Air.ToUpperInvariant()));
    }

    [Theory]
    [InlineData("\"settings.xVectorOnly\": [true]", "\"settings.xVectorOnly\": [\"yes\"]")]
    [InlineData("\"settings.xVectorOnly\": [true]", "\"settings.xVector\": [true]")]
    [InlineData("\"settings.xVectorOnly\": [true]", "\"settings.maxNewTokens\": [1]")]
    public void Refuses_a_condition_on_a_field_or_value_that_there_is_not(string part, string broken)
    {
        var path = SchemaExamplesTests.PathOf(SampleTask.BaseAir);
        var changed = s_files.With(path, s_files.Text(path).Replace(part, broken, StringComparison.Ordinal));
        var fault = Assert.Throws<InvalidDataException>(() => ModelCatalog.Load(changed));
        Assert.Contains("'settings.transcript': x-requiredUnless must name", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "missingModel")]
    [InlineData("\"model\":null,", "invalidModel")]
    [InlineData("\"model\":5,", "invalidModel")]
    [InlineData("\"model\":\"alibaba:qwen@3-tts-9b\",", "modelNotFound")]
    public void Says_what_is_wrong_with_the_model(string member, string code)
    {
        var task = SampleTask.Parse($"{{{member}\"taskType\":\"audioInference\",\"taskUUID\":\"{SampleTask.Uuid}\",\"anything\":1}}");
        var error = Assert.Single(SampleTask.Catalog.Check(task).Errors);
        Assert.Equal(code, error.Code);
        Assert.Equal("model", error.Parameter);
        Assert.Equal(SampleTask.Catalog.Models.Select(model => model.Air), error.AllowedValues, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("{}", "missingTaskUUID")]
    [InlineData("{\"taskUUID\":7}", "invalidTaskUUID")]
    [InlineData("{\"taskUUID\":\"x\"}", "invalidTaskUUID")]
    public void Judges_the_task_uuid_even_without_a_model(string task, string code) =>
        Assert.Equal($"{code} taskUUID, missingModel model", SampleTask.Codes(SampleTask.Catalog.Check(SampleTask.Parse(task))));

    [Theory]
    [InlineData("\"multipleOf\"", "\"multipleOff\"", "'speech.speed': the catalog does not know the keyword 'multipleOff'")]
    [InlineData("\"type\": \"number\"", "\"type\": \"float\"", "'speech.speed': type must be")]
    [InlineData("\"default\": \"auto\"", "\"default\": \"none\"", "'speech.voice': the default is not a value that it takes")]
    [InlineData("\"required\": [\"text\"]", "\"required\": [\"words\"]", "'speech': required names 'words'")]
    [InlineData("\"outputType\": [\"URL\"]", "\"outputType\": [\"link\"]", "'ttl': x-onlyWith must name")]
    [InlineData("false,\n      \"required\": [\"text", "true,\n      \"required\": [\"text", "'speech': additionalProperties must be")]
    [InlineData("\"x-form\": \"httpUrl\"", "\"x-form\": \"url\"", "'webhookURL': a keyword has a value of the wrong kind")]
    [InlineData("\"numberResults\": [\"{", "\"number\": [\"{", "'uploadEndpoint': x-placeholders must")]
    [InlineData("[\"{index}\", \"{audioUUID}\"]", "[]", "'uploadEndpoint': x-placeholders must")]
    [InlineData("[\"{index}\", \"{audioUUID}\"]", "5", "'uploadEndpoint': a keyword has a value of the wrong kind")]
    [InlineData("\"minimum\": 60", "\"minimum\": \"soon\"", "'ttl': a keyword has a value of the wrong kind")]
    [InlineData("\"pattern\": \"^[^", "\"pattern\": \"^([^", "'positivePrompt': a keyword has a value of the wrong kind")]
    [InlineData("\"settings\": {", "\"odd\": 5, \"settings\": {", "the property 'odd' is not an object")]
    [InlineData("\"speed\": {", "\"pace\": {", "has no field 'speech.speed'")]
    [InlineData("\"enum\": [\"auto\", ", "\"anyOf\": [\"auto\", ", "'speech.voice': a keyword has a value of the wrong kind")]
    [InlineData("\"title\"", "\"$schema\"", "names the same member twice")]
    [InlineData("\"title\": \"Qwen3-TTS 1.7B CustomVoice\",", "", "has no title")]
    [InlineData("[\"alibaba:qwen@3-tts-1.7b-customvoice\"]", "[\"other\"]", "names no pool for the model other")]
    public void Refuses_a_broken_schema_at_start_and_says_where(string part, string broken, string message)
    {
        var text = s_files.Text(SchemaPath);
        Assert.Contains(part, text, StringComparison.Ordinal);
        var at = text.IndexOf(part, StringComparison.Ordinal);
        var changed = string.Concat(text.AsSpan(0, at), broken, text.AsSpan(at + part.Length));
        var fault = Assert.Throws<InvalidDataException>(() => ModelCatalog.Load(s_files.With(SchemaPath, changed)));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.Contains("schemas/", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"MP3\":{}}")]
    [InlineData("{\"AAC\":{\"default\":{\"sampleRate\":1,\"bitrate\":1,\"channels\":1},\"bitrates\":{\"1\":{\"1\":[1,1]}}}}")]
    [InlineData("{\"MP3\":{\"default\":{\"sampleRate\":1,\"bitrate\":1,\"channels\":2},\"bitrates\":{\"1\":{\"1\":[1,1]}}}}")]
    [InlineData("{\"MP3\":{\"default\":{\"sampleRate\":1,\"bitrate\":1,\"channels\":1},\"bitrates\":{\"1\":{\"1\":[2,1]}}}}")]
    [InlineData("{\"MP3\":{\"default\":{\"sampleRate\":1,\"bitrate\":1,\"channels\":1},\"bitrates\":{\"1\":{\"x\":[1,1]}}}}")]
    [InlineData("{\"MP3\":{\"default\":{\"sampleRate\":1,\"bitrate\":1,\"channels\":1},\"bitrates\":{\"1\":{\"1\":[1]}}}}")]
    [InlineData("{\"MP3\":7}")]
    [InlineData("{")]
    public void Refuses_broken_audio_tables_at_start(string text)
    {
        var fault = Assert.Throws<InvalidDataException>(() => ModelCatalog.Load(s_files.With("schemas/audio-settings.json", text)));
        Assert.Contains("schemas/audio-settings.json", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_two_files_for_one_model()
    {
        var files = s_files.With("schemas/models/copy.json", s_files.Text(SchemaPath));
        var fault = Assert.Throws<InvalidDataException>(() => ModelCatalog.Load(files));
        Assert.Contains("another file describes too", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_catalog_without_models()
    {
        var bare = new SchemaFiles(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["schemas/audio-settings.json"] = s_files.Text("schemas/audio-settings.json"),
            ["schemas/pools.json"] = "{}",
        });
        Assert.Equal("schemas/models/ holds no model.", Assert.Throws<InvalidDataException>(() => ModelCatalog.Load(bare)).Message);
        var none = new SchemaFiles(new Dictionary<string, string>(StringComparer.Ordinal));
        Assert.Equal("schemas/audio-settings.json is missing.", Assert.Throws<InvalidDataException>(() => ModelCatalog.Load(none)).Message);
    }
}
