using System.Text.RegularExpressions;
using Platform.Api.OpenApi;
using Xunit;

namespace Platform.Tests.Api.OpenApi;

public sealed partial class ReferencePageTests
{
    private static readonly string Page = ReferencePage.Load();

    [Fact]
    public void Loads_nothing_from_anywhere_else()
    {
        Assert.DoesNotMatch("(src|href|url)\\s*[=(:]\\s*[\"']?(https?:)?//", Page);
        Assert.DoesNotContain("@import", Page, StringComparison.Ordinal);
        Assert.Equal("/openapi/v1.json", Assert.Single(FetchPattern().Matches(Page)).Groups["path"].Value);
    }

    [Fact]
    public void Takes_nothing_from_the_document_for_HTML() =>
        Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(", Page);

    [Fact]
    public void May_do_no_more_than_draw_itself_and_ask_its_own_server() =>
        Assert.StartsWith("default-src 'none'", ReferencePage.Policy, StringComparison.Ordinal);

    [GeneratedRegex("fetch\\(\"(?<path>[^\"]+)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FetchPattern();
}
