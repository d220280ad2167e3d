using System.Text;
using Platform.Tasks;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class ReplaceInputTests
{
    private const string Uuid = "4a9082fd-1865-4261-a0bc-c6cfe96001fc";

    [Theory]
    [InlineData("""{"inputs":{"audio":"AAAA"}}""", """{"inputs":{"audio":"UUID"}}""")]
    [InlineData("""{ "x" : 1.10, "inputs" : { "audio" : "a\"\u00e9}" } , "y":[ 1 ]}""", """{ "x" : 1.10, "inputs" : { "audio" : "UUID" } , "y":[ 1 ]}""")]
    [InlineData(
        """{"audio":"1","speech":{"audio":"2","inputs":{"audio":"3"}},"inputs":{"audio":"4"}}""",
        """{"audio":"1","speech":{"audio":"2","inputs":{"audio":"3"}},"inputs":{"audio":"UUID"}}""")]
    [InlineData("""{"inputs":{"x":{"audio":"1"},"audio":"2"},"é":"ü"}""", """{"inputs":{"x":{"audio":"1"},"audio":"UUID"},"é":"ü"}""")]
    [InlineData("""{"\u0069nputs":{"aud\u0069o":"2"}}""", """{"\u0069nputs":{"aud\u0069o":"UUID"}}""")]
    public void Changes_the_one_value_and_no_other_byte(string request, string expected) =>
        Assert.Equal(
            expected.Replace("UUID", Uuid, StringComparison.Ordinal),
            Encoding.UTF8.GetString(ReplaceInput.Run(Encoding.UTF8.GetBytes(request), Uuid).Span));

    [Theory]
    [InlineData("""{"inputs":{"audio":"AAAA"}}""", 21)]
    [InlineData("""{"text":"AAAA"}""", 15)]
    public void Tells_what_there_is_beside_it(string request, int length) =>
        Assert.Equal(length, ReplaceInput.LengthOfRest(Encoding.UTF8.GetBytes(request)));

    [Fact]
    public void Throws_where_there_is_nothing_to_replace() =>
        Assert.Throws<InvalidOperationException>(() => ReplaceInput.Run("""{"inputs":{}}"""u8.ToArray(), Uuid));
}
