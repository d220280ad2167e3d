using Platform.Hosting;
using Xunit;

namespace Platform.Tests.Hosting;

public sealed class RoleNamesTests
{
    [Theory]
    [InlineData(null, Roles.All)]
    [InlineData("", Roles.All)]
    [InlineData(" , ", Roles.All)]
    [InlineData("all", Roles.All)]
    [InlineData("api", Roles.Api)]
    [InlineData("Worker", Roles.Worker)]
    [InlineData("api, worker", Roles.Api | Roles.Worker)]
    [InlineData("scheduler,api,worker", Roles.All)]
    internal void Reads_a_list_of_roles(string? list, Roles roles) => Assert.Equal(roles, RoleNames.Parse(list));

    [Theory]
    [InlineData("cook")]
    [InlineData("api,cook")]
    [InlineData("1")]
    [InlineData("-1")]
    [InlineData("api worker")]
    public void Refuses_what_is_no_role_by_name(string list)
    {
        var refused = Assert.Throws<StartupException>(() => RoleNames.Parse(list));

        Assert.Contains("Roles are api, worker and scheduler", refused.Message, StringComparison.Ordinal);
    }
}
