using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using Platform.Catalog;
using Platform.Pricing;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class SchemaExamplesTests
{
    private static readonly SchemaFiles s_files = SchemaFiles.Embedded();

    public static TheoryData<string> Airs { get; } = [.. SampleTask.Catalog.Models.Select(model => model.Air)];

    [Theory]
    [MemberData(nameof(Airs))]
    public async Task Every_schema_compiles_and_its_examples_validate(string air)
    {
        var schema = s_files.Object(PathOf(air));
        var compiled = await JsonSchema.FromJsonAsync(SampleTask.Catalog.Find(air)!.SchemaText, TestContext.Current.CancellationToken);
        var examples = schema["examples"]!.Cast<JObject>().ToArray();
        Assert.True(examples.Length >= 2);
        foreach (var example in examples)
        {
            Assert.Empty(compiled.Validate(example));
            var outcome = SampleTask.Catalog.Check(example);
            Assert.True(outcome.IsAccepted, string.Join("; ", outcome.Errors));
        }
    }

    [Theory]
    [MemberData(nameof(Airs))]
    public void Every_example_costs_what_the_schema_says(string air)
    {
        var schema = s_files.Object(PathOf(air));
        var prices = PriceBook.Load(s_files, [air]);
        var costs = schema["examples"]!.Cast<JObject>()
            .Select(example => SampleTask.Catalog.Check(example).Spec!)
            .Select(spec => prices.Quote(spec.Model, spec.TextLength, DateTimeOffset.UnixEpoch).MicroUsdPerResult);
        Assert.Equal(schema["x-exampleMicroUsd"]!.Select(cost => (long)cost), costs);
    }

    [Theory]
    [InlineData(SampleTask.Air)]
    [InlineData(SampleTask.BaseAir)]
    public void The_examples_have_the_lengths_and_costs_of_the_published_ones(string air)
    {
        var schema = s_files.Object(PathOf(air));
        var lengths = schema["examples"]!.Cast<JObject>().Select(example => SampleTask.Catalog.Check(example).Spec!.TextLength);
        Assert.Equal([1040, 489, 790, 795], lengths);
        Assert.Equal([600L, 300, 400, 400], schema["x-exampleMicroUsd"]!.Select(cost => (long)cost));
    }

    [Theory]
    [MemberData(nameof(Airs))]
    public void Every_field_is_described(string air)
    {
        var undescribed = s_files.Object(PathOf(air)).SelectTokens("$..properties.*")
            .Where(field => field is JObject && string.IsNullOrEmpty(field.Value<string>("description")))
            .Select(field => field.Path);
        Assert.Empty(undescribed);
    }

    [Theory]
    [MemberData(nameof(Airs))]
    public void Interprets_an_accepted_task_from_its_bytes_to_the_same_spec(string air)
    {
        foreach (var example in s_files.Object(PathOf(air))["examples"]!.Cast<JObject>())
        {
            var bytes = Encoding.UTF8.GetBytes($" [ {example.ToString(Formatting.None)} ]");
            var parsed = Assert.Single(StrictJson.Parse(bytes, maxTasks: 50).Tasks!);
            Assert.Equal(SampleTask.Catalog.Check(parsed.Json).Spec, SampleTask.Catalog.Interpret(parsed.Original));
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"model\":\"gone:model@1\"}")]
    [InlineData("{}")]
    [InlineData("[{},{}]")]
    [InlineData("{\"model")]
    public void Throws_when_asked_to_interpret_what_was_never_accepted(string stored) =>
        Assert.Throws<InvalidOperationException>(() => SampleTask.Catalog.Interpret(Encoding.UTF8.GetBytes(stored)));

    /// <summary>The schema file of a model.</summary>
    internal static string PathOf(string air) => s_files.Under("schemas/models/")
        .Single(path => string.Equals(SampleTask.Catalog.Find(air)!.SchemaText, s_files.Text(path), StringComparison.Ordinal));
}
