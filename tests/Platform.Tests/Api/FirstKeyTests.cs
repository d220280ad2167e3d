using System.Text;
using Platform.Api;
using Xunit;

namespace Platform.Tests.Api;

public sealed class FirstKeyTests
{
    [Theory]
    [InlineData("""[{"taskType":"authentication","apiKey":"k"},{"taskType":"audioInf""")]
    [InlineData("""  [ { "apiKey" : "k" , "taskType" : "authentication" } """)]
    [InlineData("""[{"x":{"apiKey":"no","taskType":"ping"},"taskType":"authentication","y":[1,{"apiKey":"no"}],"apiKey":"k"},""")]
    [InlineData("""{"taskType":"authentication","apiKey":"k"}""")]
    [InlineData("""[{"taskType":"authentication","apiKey":"k"}, not json at all""")]
    public void Finds_the_key_of_a_first_task_that_is_here_whole(string start) => Assert.Equal("k", Of(start));

    [Theory]
    [InlineData("")]
    [InlineData("[")]
    [InlineData("""[{"taskType":"authentication","apiKey":"k" """)]
    [InlineData("""[{"taskType":"authentication","apiKey":"k""")]
    [InlineData("""[{"taskType":"authentication","x":[[[{"apiKey":"k"}""")]
    [InlineData("""[{"taskType":"audioInference","apiKey":"k"}]""")]
    [InlineData("""[{"taskType":"ping"},{"taskType":"authentication","apiKey":"k"}]""")]
    [InlineData("""[{"taskType":"authentication","apiKey":5}]""")]
    [InlineData("""[{"taskType":"authentication","apiKey":null}]""")]
    [InlineData("""[{"taskType":["authentication"],"apiKey":"k"}]""")]
    [InlineData("""[[{"taskType":"authentication","apiKey":"k"}]]""")]
    [InlineData("""["authentication"]""")]
    [InlineData("""{"a" "b"}""")]
    [InlineData("""[{"taskType":"authentication","apiKey":"\ud800"}]""")]
    [InlineData("\0\0\0\0")]
    public void Takes_nothing_else_for_a_key(string start) => Assert.Null(Of(start));

    [Fact]
    public void Never_throws_on_random_damage()
    {
        var whole = """[{"taskType":"authentication","apiKey":"key","more":{"a":[1,2,{"b":null}]}},{"taskType":"ping"}]"""u8.ToArray();
        var random = new Random(11);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = whole.ToArray();
            for (var n = random.Next(6); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            FirstKey.Of(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
        }

        Assert.Equal("key", FirstKey.Of(whole));
    }

    private static string? Of(string start) => FirstKey.Of(Encoding.UTF8.GetBytes(start));
}
