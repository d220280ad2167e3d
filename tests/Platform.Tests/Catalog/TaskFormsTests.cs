using System.Text;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class TaskFormsTests
{
    private const string Uuid = "dba5a985-7c6f-4d8b-9f2e-6a1b0c3d4e5f";

    private readonly TaskForms forms = TaskForms.Load(SchemaFiles.Embedded());

    public static TheoryData<string> Types => [.. TaskForms.Load(SchemaFiles.Embedded()).TaskTypes];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_form_is_of_its_own_type_and_its_examples_are_right(string taskType)
    {
        var schema = SchemaFiles.Embedded().Object($"schemas/tasks/{taskType}.json");

        Assert.Equal(taskType, (string?)schema["properties"]!["taskType"]!["enum"]!.Single());
        var examples = schema["examples"]!.Children<JObject>().ToList();
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(forms.Of(taskType).Check(example)));
    }

    [Theory]
    [InlineData("getResponse")]
    [InlineData("cancelTask")]
    [InlineData("getTaskDetails")]
    public void Asks_for_the_uuid_of_a_task(string taskType)
    {
        Assert.Equal("missingTaskUUID taskUUID", Codes(taskType, "{}"));
        Assert.Equal("invalidTaskUUID taskUUID", Codes(taskType, """{"taskUUID":7}"""));
        Assert.Equal("invalidTaskUUID taskUUID", Codes(taskType, """{"taskUUID":null}"""));
        Assert.Equal("invalidTaskUUID taskUUID", Codes(taskType, """{"taskUUID":"dba5a985-7c6f-1d8b-9f2e-6a1b0c3d4e5f"}"""));
        Assert.Equal("unknownParameter wait", Codes(taskType, $$"""{"taskUUID":"{{Uuid}}","wait":1}"""));
        Assert.Equal("", Codes(taskType, $$"""{"taskUUID":"{{Uuid.ToUpperInvariant()}}"}"""));
    }

    [Theory]
    [InlineData("""{"limit":0}""", "invalidLimit limit")]
    [InlineData("""{"limit":101}""", "invalidLimit limit")]
    [InlineData("""{"limit":"5"}""", "invalidLimit limit")]
    [InlineData("""{"limit":1.5}""", "invalidLimit limit")]
    [InlineData("""{"limit":1e999}""", "invalidLimit limit")]
    [InlineData("""{"offset":-1}""", "invalidOffset offset")]
    [InlineData("""{"search":["qwen"]}""", "invalidSearch search")]
    [InlineData("""{"visibility":"secret"}""", "invalidVisibility visibility")]
    [InlineData("""{"zebra":1,"offset":-1,"limit":null,"Search":"x"}""",
        "invalidLimit limit, invalidOffset offset, unknownParameter zebra, unknownParameter Search")]
    [InlineData("""{"limit":100,"offset":0,"search":"","visibility":"public"}""", "")]
    [InlineData("{}", "")]
    public void Finds_all_faults_of_a_search_in_the_order_of_its_fields(string task, string expected) =>
        Assert.Equal(expected, Codes("modelSearch", task));

    [Fact]
    public void An_error_says_what_was_expected_and_never_what_was_sent()
    {
        var error = Assert.Single(Check("modelSearch", """{"limit":"a secret"}"""));

        Assert.Equal(("'limit' must be an integer from 1 to 100.", "integer", 1m, 100m), (error.Message, error.Type, error.Min, error.Max));
    }

    [Fact]
    public void Names_at_most_a_hundred_faults()
    {
        var unknown = string.Join(',', Enumerable.Range(0, 500).Select(i => $"\"x{i}\":1"));

        Assert.Equal(100, Check("modelSearch", $"{{{unknown}}}").Count);
    }

    [Fact]
    public void A_field_that_was_not_sent_has_its_default()
    {
        var form = forms.Of("modelSearch");

        Assert.Equal((20, 3), (form.Value<int>([], "limit"), form.Value<int>(new JObject { ["limit"] = 3L }, "limit")));
        Assert.Null(form.Value<string>([], "search"));
        Assert.Throws<ArgumentException>(() => form.Value<string>([], "nothing"));
    }

    private string Codes(string taskType, string task) =>
        string.Join(", ", Check(taskType, task).Select(error => $"{error.Code} {error.Parameter}"));

    private IReadOnlyList<TaskError> Check(string taskType, string task)
    {
        var json = StrictJson.Parse(Encoding.UTF8.GetBytes(task), 1).Tasks!.Single().Json;
        json["taskType"] = taskType;
        return forms.Of(taskType).Check(json);
    }
}
