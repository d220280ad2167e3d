using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Layout;

public sealed class OptionsRulesTests
{
    private const string Right =
        """
        {"Logging":{},"Sample":{"Name":"x","Seconds":1.0,"Patience":"00:00:05","Address":null,"Kind":"Monday","Pools":["a"],"Engines":{}}}
        """;

    [Fact]
    public void Is_content_when_file_and_class_say_the_same() => Assert.Empty(Check(Right));

    [Theory]
    [InlineData("\"Name\":\"x\"", "\"Name\":\"y\"", "Sample:Name is \"y\"")]
    [InlineData("\"Seconds\":1.0", "\"Seconds\":2", "Sample:Seconds is 2")]
    [InlineData("\"00:00:05\"", "\"00:00:06\"", "Sample:Patience is \"00:00:06\"")]
    [InlineData("\"Address\":null,", "", "Sample:Address is missing")]
    [InlineData("[\"a\"]", "[]", "Sample:Pools is []")]
    [InlineData("\"Engines\":{}", "\"Engines\":{\"p\":\"e\"}", "Sample:Engines is {\"p\":\"e\"}")]
    [InlineData("\"Name\":\"x\",", "\"Name\":\"x\",\"Old\":1,", "Sample:Old is 1, which nobody reads")]
    [InlineData("\"Logging\":{}", "\"Stale\":{}", "no options class is bound to Stale")]
    [InlineData("\"Sample\":{", "\"Logging2\":{},\"Sampel\":{", "the section Sample of SampleOptions is missing")]
    public void Catches_each_way_in_which_they_differ(string part, string other, string expected) =>
        Assert.Contains(Check(Right.Replace(part, other, StringComparison.Ordinal)), finding =>
            string.Equals(finding.What, expected, StringComparison.Ordinal));

    [Fact]
    public void Looks_only_at_classes_that_are_bound_from_a_section() =>
        Assert.Equal([typeof(SampleOptions)],
            OptionsRules.FindOptions([typeof(SampleOptions), typeof(UnboundOptions), typeof(OptionsRulesTests)]));

    private static List<Finding> Check(string settings) =>
        [.. OptionsRules.Check([typeof(SampleOptions)], JsonNode.Parse(settings)!.AsObject())];

    private sealed class SampleOptions
    {
        public const string Section = "Sample";

        public string Name { get; set; } = "x";

        public double Seconds { get; set; } = 1;

        public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

        public Uri? Address { get; set; }

        public DayOfWeek Kind { get; set; } = DayOfWeek.Monday;

        public IList<string> Pools { get; } = ["a"];

        public IDictionary<string, string> Engines { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

        /// <summary>Follows from the others; nobody sets it.</summary>
        public bool IsSlow => Seconds > 1;
    }

    private sealed class UnboundOptions;
}
