using Microsoft.Extensions.Configuration;
using Platform.Hosting;
using Xunit;

namespace Platform.Tests.Hosting;

public sealed class PublicAddressTests
{
    [Theory]
    [InlineData("api,worker,scheduler", "http://127.0.0.1:5080")]
    [InlineData("api", "http://localhost:5080")]
    [InlineData("api,worker", "http://[::1]:5080;http://127.0.0.2:80")]
    public void May_be_guessed_where_the_api_is_on_this_machine_alone(string roles, string urls) => Assert.Null(FaultOf(roles, urls, ""));

    [Theory]
    [InlineData("api", "http://0.0.0.0:5080")]
    [InlineData("api", "http://*:5080")]
    [InlineData("api", "http://+:5080")]
    [InlineData("api", "http://[::]:5080")]
    [InlineData("api", "http://10.1.2.3:5080")]
    [InlineData("api", "http://127.0.0.1:5080;http://10.1.2.3:5080")]
    [InlineData("api,worker,scheduler", "http://speech.internal:80")]
    [InlineData("api", "http://127.0.0.1:0")]
    [InlineData("worker", "http://127.0.0.1:5081")]
    [InlineData("scheduler", "http://127.0.0.1:5081")]
    [InlineData("worker,scheduler", "http://127.0.0.1:0")]
    public void Must_be_set_everywhere_else(string roles, string urls)
    {
        Assert.Contains("Storage:PublicBaseUrl", FaultOf(roles, urls, ""), StringComparison.Ordinal);
        Assert.Null(FaultOf(roles, urls, "https://speech.example.com"));
    }

    private static string? FaultOf(string roles, string urls, string publicBaseUrl) => PublicAddress.FindFault(
        new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["urls"] = urls, ["Storage:PublicBaseUrl"] = publicBaseUrl }).Build(),
        RoleNames.Parse(roles));
}
