using System.Text;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class KeptRequestTests
{
    private static readonly string Long = new('x', 3000);

    [Theory]
    [InlineData(
        """{ "a" : 1.10 ,""" + "\r\n\t" + """ "b" : [ 1 , { } ] , "c d" : "e  f" , "g" : "LONG" }  """,
        """{"a":1.10,"b":[1,{}],"c d":"e  f","g":"LONG"}""")]
    [InlineData("""{ "a" : "\" \\" , "b" : "\\\" : { }" , "g" : "LONG" }""", """{"a":"\" \\","b":"\\\" : { }","g":"LONG"}""")]
    [InlineData("""{"é ü" : "\u00e9 \u0020" , "":"" ,"g":"LONG"}""", """{"é ü":"\u00e9 \u0020","":"","g":"LONG"}""")]
    public void Leaves_out_white_space_between_tokens_and_nothing_else(string sent, string kept) =>
        Assert.Equal(
            kept.Replace("LONG", Long, StringComparison.Ordinal),
            Encoding.UTF8.GetString(KeptRequest.Of(Encoding.UTF8.GetBytes(sent.Replace("LONG", Long, StringComparison.Ordinal))).Span));

    [Fact]
    public void Copies_nothing_where_there_is_nothing_to_leave_out()
    {
        ReadOnlyMemory<byte> tight = Encoding.UTF8.GetBytes($$"""{"a":"b c {{Long}}","n":[1,2]}""");
        ReadOnlyMemory<byte> small = """{ "a" : 1 }"""u8.ToArray();

        Assert.Equal(tight, KeptRequest.Of(tight));
        Assert.Equal(small, KeptRequest.Of(small));
    }
}
