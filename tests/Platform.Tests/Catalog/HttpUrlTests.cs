using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class HttpUrlTests
{
    [Theory]
    [InlineData("http://example.com")]
    [InlineData("HTTPS://EXAMPLE.COM/")]
    [InlineData("https://example.com:8443/hooks?task=1&x=a%20b#part")]
    [InlineData("https://bucket.example.com/{index}/{audioUUID}.mp3?X-Signature=ab%2Bcd")]
    [InlineData("http://127.0.0.1:5080/in")]
    [InlineData("http://[::1]:8080/in")]
    [InlineData("https://bücher.example/straße")]
    [InlineData("https://example.com/a@b?mail=c@d")]
    public void Takes_absolute_http_and_https_urls(string text) => Assert.True(HttpUrl.IsOne(text));

    [Theory]
    [InlineData("")]
    [InlineData("example.com/hook")]
    [InlineData("/hook")]
    [InlineData("//example.com/hook")]
    [InlineData("http:example.com")]
    [InlineData("http:/example.com")]
    [InlineData("http://")]
    [InlineData("http:///hook")]
    [InlineData("http://?x")]
    [InlineData("http://:80/")]
    [InlineData("http://example.com:0/")]
    [InlineData("http://example.com:65536/")]
    [InlineData("http://example.com:port/")]
    [InlineData("http://[::1/")]
    [InlineData("http://一泯诞岭箜骋歚詉嬘稇飶槅袴妃硲靡栰蜟埮盝闌暛薊噙畈鐷攆菵哄.com/")]
    [InlineData("ftp://example.com/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://example.com")]
    [InlineData("javascript:alert(1)")]
    public void Refuses_what_is_no_such_url(string text) => Assert.False(HttpUrl.IsOne(text));

    [Theory]
    [InlineData("http://user:secret@example.com/")]
    [InlineData("http://user@example.com/")]
    [InlineData("http://@example.com/")]
    [InlineData("https://example.com@evil.example/")]
    [InlineData("https://example.com:80@evil.example/")]
    public void Refuses_credentials(string text) => Assert.False(HttpUrl.IsOne(text));

    [Theory]
    [InlineData(" http://example.com")]
    [InlineData("http://example.com ")]
    [InlineData("http://exam ple.com/")]
    [InlineData("http://example.com/a b")]
    [InlineData("http://example.com/a\tb")]
    [InlineData("http://example.com/\r\nX-Header: 1")]
    [InlineData("http://example.com/\0")]
    [InlineData("http://example.com\\@evil.example/")]
    [InlineData("http:\\\\example.com")]
    [InlineData("http://example.com/a\u00a0b")]
    [InlineData("http://example.com/a\u2028b")]
    public void Refuses_what_two_readers_would_read_differently(string text) => Assert.False(HttpUrl.IsOne(text));

    [Theory]
    [InlineData("https://{audioUUID}.example.com/")]
    [InlineData("https://example.com:{index}/")]
    public void Refuses_a_placeholder_where_the_host_should_be_known(string text) => Assert.False(HttpUrl.IsOne(text));
}
