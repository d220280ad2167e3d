using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>What the contract's section 3 says of validation and its errors as a whole, held for every field of every model.</summary>
public sealed class ContractErrorTests
{
    private static readonly SchemaFiles s_files = SchemaFiles.Embedded();

    private static readonly ErrorTable s_codes = ErrorTable.Load(s_files);

    public static TheoryData<string> Airs { get; } = [.. SampleTask.Catalog.Models.Select(model => model.Air)];

    /// <summary>Every field of every model, read from the files and not by the reader that is under test.</summary>
    public static TheoryData<string, string> Fields { get; } =
        [.. Airs.SelectMany(row => PathsOf(row.Data, "properties", "").Select(path => (row.Data, path)))];

    [Theory]
    [MemberData(nameof(Fields))]
    public void An_error_says_all_that_the_schema_says_of_its_field(string air, string path)
    {
        var schema = SchemaOf(air, path);
        var error = Assert.Single(Check(air, path, JValue.CreateNull()));
        Assert.Equal((ErrorCodes.Invalid(path), path, (string?)schema["type"]), (error.Code, error.Parameter, error.Type));
        var expected = ((schema["enum"] ?? schema["anyOf"]?[0]?["enum"]) as JArray)?.Select(value => value.ToString());
        Assert.True(expected is null ? error.AllowedValues is null : expected.SequenceEqual(error.AllowedValues ?? [], StringComparer.Ordinal));
        Assert.Equal((decimal?)(schema["minimum"] ?? schema["minLength"]), error.Min);
        Assert.Equal((decimal?)(schema["maximum"] ?? schema["maxLength"]), error.Max);
        Assert.StartsWith($"'{path}' must be ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        Assert.Equal(400, s_codes.StatusOf(error.Code));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void No_value_of_another_type_is_taken_for_a_right_one(string air, string path)
    {
        var type = (string)SchemaOf(air, path)["type"]!;
        foreach (var value in new[] { "null", "\"1\"", "\"true\"", "1", "1.5", "true", "false", "[]", "{}", "[1]", "1e999", "-1e999" })
        {
            var token = SampleTask.Parse($"{{\"v\":{value}}}")["v"]!;
            var isOfType = token.Type switch
            {
                JTokenType.String => type == "string",
                JTokenType.Integer => type is "integer" or "number",
                JTokenType.Float => type == "number",
                JTokenType.Boolean => type == "boolean",
                JTokenType.Object => type == "object",
                _ => false,
            };
            if (!isOfType)
            {
                Assert.Contains(Check(air, path, token), error => error.Parameter == path && error.Code == ErrorCodes.Invalid(path));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Airs))]
    public void A_required_field_that_is_absent_is_missing_and_described(string air)
    {
        foreach (var path in PathsOf(air, "required", ""))
        {
            var task = Example(air);
            task.SelectToken(path)!.Parent!.Remove();
            var errors = path == "model" ? SampleTask.Catalog.Find(air)!.Check(task).Errors : SampleTask.Catalog.Check(task).Errors;
            var error = Assert.Single(errors);
            Assert.Equal((ErrorCodes.Missing(path), path), (error.Code, error.Parameter));
            Assert.Equal((string?)SchemaOf(air, path)["type"], error.Type);
            Assert.Contains("is required", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Airs))]
    public void A_field_that_only_another_model_has_is_unknown(string air)
    {
        var own = PathsOf(air, "properties", "").ToHashSet(StringComparer.Ordinal);
        var foreign = Airs.SelectMany(row => PathsOf(row.Data, "properties", ""))
            .Where(path => !own.Contains(path) && (!path.Contains('.') || own.Contains(path[..path.LastIndexOf('.')])))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        Assert.NotEmpty(foreign);
        foreach (var path in foreign)
        {
            var error = Assert.Single(Check(air, path, new JValue("x")));
            Assert.Equal(("unknownParameter", path), (error.Code, error.Parameter));
        }
    }

    [Theory]
    [MemberData(nameof(Airs))]
    public void Unknown_fields_are_found_in_every_object(string air)
    {
        foreach (var parent in new[] { "" }.Concat(PathsOf(air, "properties", "").Where(path => (string?)SchemaOf(air, path)["type"] == "object")))
        {
            var path = parent.Length == 0 ? "novel" : $"{parent}.novel";
            var task = Example(air);
            task.Remove("outputFormat");
            Put(task, path, SampleTask.Parse("""{"deep":{"er":[1,{"x":null}]}}"""));
            var error = Assert.Single(SampleTask.Catalog.Check(task).Errors);
            Assert.Equal(("unknownParameter", path), (error.Code, error.Parameter));
        }
    }

    [Fact]
    public void All_errors_of_the_clone_model_come_at_once_in_the_order_of_its_schema()
    {
        var task = SampleTask.Parse(
            """
            {"zebra":1,"speech":{"voice":"vivian","tone":1},"settings":{"xVectorOnly":false},"inputs":{"audio":"no"},"ttl":61,
             "positivePrompt":"x","numberResults":2,"uploadEndpoint":"https://example.com/","webhookURL":7,"outputType":"dataURI",
             "model":"alibaba:qwen@3-tts-1.7b-base","taskUUID":"x"}
            """);
        const string Expected = "missingTaskType taskType, invalidTaskUUID taskUUID, invalidWebhookURL webhookURL, "
            + "invalidInputsAudio inputs.audio, missingSpeechText speech.text, invalidSpeechVoice speech.voice, unknownParameter speech.tone, "
            + "unknownParameter zebra, unknownParameter positivePrompt, unsupportedParameter ttl, "
            + "missingSettingsTranscript settings.transcript, incompatibleParameters uploadEndpoint";
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(Expected, SampleTask.Codes(SampleTask.Catalog.Check(task)));
        }
    }

    [Fact]
    public void No_error_repeats_a_text_a_url_or_a_secret()
    {
        const string Secret = "hunter2hunter2";
        foreach (var path in Airs.SelectMany(row => PathsOf(row.Data, "properties", "").Select(path => (Air: row.Data, Path: path))))
        {
            foreach (var error in Check(path.Air, path.Path, new JValue($"https://a:{Secret}@example.com/\0")))
            {
                Assert.DoesNotContain(Secret, error.ToString(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Lengths_are_counted_in_code_points_in_every_text()
    {
        string Transcript(int length) => SampleTask.BaseText(
            settings: $"\"transcript\":\"{string.Concat(Enumerable.Repeat("😀", length))}\"");
        Assert.Empty(SampleTask.CheckText(Transcript(2000)).Errors);
        Assert.Equal("invalidSettingsTranscript settings.transcript", SampleTask.Codes(SampleTask.CheckText(Transcript(2001))));
        Assert.Empty(SampleTask.CheckText(Prompt(10_000)).Errors);
        Assert.Equal("invalidPositivePrompt positivePrompt", SampleTask.Codes(SampleTask.CheckText(Prompt(10_001))));

        static string Prompt(int length) => SampleTask.Text($"\"positivePrompt\":\"{string.Concat(Enumerable.Repeat("𠮷", length))}\"");
    }

    [Theory]
    [InlineData("0.97")]
    [InlineData("0.29")]
    [InlineData("1.1")]
    [InlineData("0.2500")]
    [InlineData("4.0")]
    [InlineData("29e-2")]
    public void Steps_of_speed_are_decimal(string speed)
    {
        Assert.Empty(SampleTask.CheckText(SampleTask.BaseText("", $"\"speed\":{speed}")).Errors);
        Assert.Empty(SampleTask.CheckText(SampleTask.Text("", $"\"speed\":{speed}")).Errors);
    }

    [Fact]
    public void Defaults_of_every_field_are_those_of_the_schema()
    {
        foreach (var (air, path) in Fields.Select(row => row.Data))
        {
            if (SchemaOf(air, path)["default"] is JValue usual)
            {
                Assert.Equal(usual.ToString(), SampleTask.Catalog.Find(air)!.Root.Find(path)!.Value(new JObject())?.ToString());
            }
        }
    }

    private static IReadOnlyList<TaskError> Check(string air, string path, JToken value)
    {
        var task = Example(air);
        if (path.StartsWith("audioSettings", StringComparison.Ordinal))
        {
            task["outputFormat"] = "MP3";
        }

        Put(task, path, value);

        // By the catalog a wrong model is no model; the model's own answer is what its schema says.
        return path == "model" ? SampleTask.Catalog.Find(air)!.Check(task).Errors : SampleTask.Catalog.Check(task).Errors;
    }

    private static void Put(JObject task, string path, JToken value)
    {
        var parts = path.Split('.');
        var holder = task;
        foreach (var part in parts[..^1])
        {
            holder[part] ??= new JObject();
            holder = (JObject)holder[part]!;
        }

        holder[parts[^1]] = value;
    }

    private static JObject Example(string air) => air switch
    {
        SampleTask.Air => SampleTask.Parse(SampleTask.Text()),
        SampleTask.BaseAir => SampleTask.Parse(SampleTask.BaseText(settings: "\"transcript\":\"x\",\"xVectorOnly\":true")),
        _ => (JObject)s_files.Object(SchemaExamplesTests.PathOf(air))["examples"]![0]!.DeepClone(),
    };

    private static JObject SchemaOf(string air, string path) =>
        (JObject)s_files.Object(SchemaExamplesTests.PathOf(air)).SelectToken("properties." + path.Replace(".", ".properties.", StringComparison.Ordinal))!;

    private static IEnumerable<string> PathsOf(string air, string what, string parent)
    {
        var schema = parent.Length == 0 ? s_files.Object(SchemaExamplesTests.PathOf(air)) : SchemaOf(air, parent);
        var prefix = parent.Length == 0 ? "" : parent + ".";
        var fields = (schema["properties"] as JObject)?.Properties().Select(field => field.Name).ToArray() ?? [];
        var named = what == "required" ? schema["required"]?.Select(name => (string)name!) ?? [] : fields;
        var children = fields.SelectMany(field => PathsOf(air, what, prefix + field));
        return named.Select(name => prefix + name).Concat(children);
    }
}
