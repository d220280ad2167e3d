using System.Text;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("[")]
    [InlineData("[{]")]
    [InlineData("[{}] x")]
    [InlineData("{} {}")]
    [InlineData("[{}][{}]")]
    [InlineData("[{},]")]
    [InlineData("[{\"a\":1,}]")]
    [InlineData("[{\"a\":01}]")]
    [InlineData("[{\"a\":+1}]")]
    [InlineData("[{\"a\":1.}]")]
    [InlineData("[{\"a\":NaN}]")]
    [InlineData("[{\"a\":'x'}]")]
    [InlineData("[{a:1}]")]
    [InlineData("[{} /* note */]")]
    [InlineData("[{\"a\":\"tab\there\"}]")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    [InlineData("\"text\"")]
    [InlineData("[1]")]
    [InlineData("[{},null]")]
    [InlineData("[[{}]]")]
    public void Refuses_what_is_not_task_objects(string body) => Assert.Equal("invalidJson", Fault(body));

    [Theory]
    [InlineData("""[{"a":1,"a":1}]""")]
    [InlineData("""[{"a":{"b":1,"c":2,"b":3}}]""")]
    [InlineData("""[{"a":[{"b":1,"b":1}]}]""")]
    [InlineData("""{"a":1,"\u0061":2}""")]
    public void Refuses_duplicate_keys_at_every_depth(string body) => Assert.Equal("invalidJson", Fault(body));

    [Fact]
    public void Takes_keys_that_differ_in_case_or_stand_in_different_objects() =>
        Assert.Null(Fault("""[{"a":1,"A":{"a":1}},{"a":2}]"""));

    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":"\udc00\ud800"}""")]
    [InlineData("""{"a":"x\ud83dy"}""")]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"a":["\udfff"]}""")]
    public void Refuses_a_lone_surrogate(string body) => Assert.Equal("invalidJson", Fault(body));

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    public void Refuses_text_that_is_not_utf8(byte[] text)
    {
        byte[] value = [.. "{\"a\":\""u8, .. text, .. "\"}"u8];
        byte[] name = [.. "{\""u8, .. text, .. "\":1}"u8];
        Assert.Equal("invalidJson", StrictJson.Parse(value, 50).Error?.Code);
        Assert.Equal("invalidJson", StrictJson.Parse(name, 50).Error?.Code);
    }

    [Fact]
    public void Refuses_a_byte_order_mark() =>
        Assert.Equal("invalidJson", StrictJson.Parse(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}' }, 50).Error?.Code);

    [Theory]
    [InlineData(32, null)]
    [InlineData(33, "invalidJson")]
    [InlineData(100_000, "invalidJson")]
    public void Counts_the_outermost_bracket_as_depth_one(int depth, string? code)
    {
        var inArray = $"[{{\"a\":{new string('[', depth - 2)}{new string(']', depth - 2)}}}]";
        var alone = $"{{\"a\":{new string('[', depth - 1)}{new string(']', depth - 1)}}}";
        Assert.Equal(code, Fault(inArray));
        Assert.Equal(code, Fault(alone));
    }

    [Fact]
    public void Takes_a_lone_object_as_an_array_of_one()
    {
        var parsed = StrictJson.Parse(" {\"a\":1} "u8.ToArray(), 50);
        Assert.True(parsed.Succeeded);
        Assert.Equal(1, (int?)Assert.Single(parsed.Tasks).Json["a"]);
    }

    [Fact]
    public void Gives_the_bytes_of_every_task_exactly_as_sent()
    {
        var body = Encoding.UTF8.GetBytes("\n[ {\"a\" : 1.50, \"ä\":\"\\u00e4 😀\"} ,\t{ } , {\"b\":[{}]}]\r\n");
        var parsed = StrictJson.Parse(body, 50);
        Assert.True(parsed.Succeeded);
        Assert.Equal(
            "{\"a\" : 1.50, \"ä\":\"\\u00e4 😀\"}|{ }|{\"b\":[{}]}",
            string.Join('|', parsed.Tasks.Select(task => Encoding.UTF8.GetString(task.Original.Span))));
        Assert.Equal("ä 😀", (string?)parsed.Tasks[0].Json["ä"]);
    }

    [Fact]
    public void Reads_a_task_without_a_parent_so_that_paths_begin_at_the_task() =>
        Assert.Equal("a.b", SampleTask.Parse("""[{"a":{"b":1}}]""")["a"]!["b"]!.Path);

    [Fact]
    public void Stops_at_the_first_task_over_the_limit()
    {
        // What follows the limit is not even JSON: it must not be looked at.
        var body = "[" + string.Concat(Enumerable.Repeat("{},", 50)) + "{ \"broken";
        Assert.Equal("arrayTooLong", Fault(body));
        Assert.Null(Fault("[" + string.Join(",", Enumerable.Repeat("{}", 50)) + "]"));
        Assert.Equal("arrayTooLong", Fault("[" + string.Join(",", Enumerable.Repeat("{}", 51)) + "]"));
    }

    [Fact]
    public void Builds_no_tree_for_an_array_of_a_million()
    {
        var body = Encoding.UTF8.GetBytes("[" + string.Join(",", Enumerable.Repeat("{}", 1_000_000)) + "]");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("arrayTooLong", StrictJson.Parse(body, 50).Error?.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Refuses_more_values_than_any_request_needs()
    {
        var most = string.Join(",", Enumerable.Repeat("1", StrictJson.MaxValues - 2));
        Assert.Null(Fault($"{{\"a\":[{most}]}}"));
        Assert.Equal("payloadTooLarge", Fault($"{{\"a\":[{most},1]}}"));
        Assert.Equal("payloadTooLarge", Fault($"[{{\"a\":[{most}]}},{{\"b\":1}}]"));
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("-0", 0L)]
    [InlineData("7", 7L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("1.0", 1L)]
    [InlineData("1.000000000000000000000000000000000000000000", 1L)]
    [InlineData("1e2", 100L)]
    [InlineData("12.5e1", 125L)]
    [InlineData("-3E0", -3L)]
    public void Reads_whole_numbers_as_integers_however_written(string text, long value) =>
        Assert.Equal(value, Assert.IsType<long>(Number(text).Value));

    [Theory]
    [InlineData("0.97")]
    [InlineData("0.29")]
    [InlineData("1.1")]
    [InlineData("-0.000000000000000000000000001")]
    [InlineData("0.1234567890123456789012345678")]
    [InlineData("9223372036854775808")]
    public void Reads_other_numbers_exactly(string text) =>
        Assert.Equal(decimal.Parse(text), Assert.IsType<decimal>(Number(text).Value));

    [Theory]
    [InlineData("1e400")]
    [InlineData("-1e400")]
    [InlineData("1e-400")]
    [InlineData("1e99999999999999999999")]
    [InlineData("1e28999")]
    [InlineData("0.97000000000000000000000000000000000001")]
    [InlineData("100000000000000000000000000000000000000000")]
    [InlineData("79228162514264337593543950336")]
    public void Gives_no_type_to_a_number_that_it_cannot_hold_exactly(string text) =>
        Assert.Equal(JTokenType.Undefined, Number(text).Type);

    [Theory]
    [InlineData(30)]
    [InlineData(1_000_000)]
    public void Reads_a_number_of_very_many_digits_without_effort(int digits)
    {
        var text = new string('9', digits);
        Assert.Equal(JTokenType.Undefined, Number(text).Type);
        Assert.Equal(JTokenType.Undefined, Number("0." + text).Type);
        Assert.Equal(JTokenType.Undefined, Number("1e" + text).Type);
    }

    [Fact]
    public void Never_throws_on_random_damage()
    {
        var random = new Random(20_260_101);
        var whole = Encoding.UTF8.GetBytes($"[{SampleTask.Text("\"ttl\":60")},{SampleTask.Text("\"x\":[1,{\"y\":null}]")}]");
        for (var round = 0; round < 5_000; round++)
        {
            var damaged = whole.ToArray();
            for (var hits = random.Next(1, 4); hits > 0; hits--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            var parsed = StrictJson.Parse(damaged.AsMemory(0, random.Next(damaged.Length + 1)), 50);
            Assert.True(parsed.Succeeded ? parsed.Tasks.Count > 0 : parsed.Error.Message.Length > 0);
        }
    }

    [Fact]
    public void Never_echoes_what_was_sent()
    {
        foreach (var body in new[] { "[{\"secret\":1,\"secret\":2}]", "[{\"a\":secret}]", "secret", "[{}] secret", "\"secret\"" })
        {
            Assert.DoesNotContain("secret", StrictJson.Parse(Encoding.UTF8.GetBytes(body), 50).Error!.Message, StringComparison.Ordinal);
        }
    }

    private static string? Fault(string body) => StrictJson.Parse(Encoding.UTF8.GetBytes(body), 50).Error?.Code;

    private static JValue Number(string text) => (JValue)SampleTask.Parse($"{{\"n\":{text}}}")["n"]!;
}
