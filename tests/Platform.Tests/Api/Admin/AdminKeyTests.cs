using Microsoft.Extensions.Options;
using Platform.Api.Admin;
using Platform.Tenants;
using Xunit;

namespace Platform.Tests.Api.Admin;

public sealed class AdminKeyTests
{
    [Fact]
    public void Matches_itself_alone()
    {
        var key = With("a-key-of-an-operator");

        Assert.True(key.Matches("a-key-of-an-operator"));
        Assert.False(key.Matches("a-key-of-an-operatoR"));
        Assert.False(key.Matches("a-key-of-an-operator "));
        Assert.False(key.Matches(""));
    }

    [Fact]
    public void Where_there_is_none_nothing_matches()
    {
        Assert.False(With("").IsSet);
        Assert.False(With("").Matches(""));
    }

    [Fact]
    public void Is_named_in_the_audit_log_without_being_given_away()
    {
        var made = KeyText.Make("admin");

        Assert.Equal("admin " + KeyText.PrefixOf(made), With(made).Actor);
        Assert.Matches("^admin key [0-9a-f]{8}$", With("hunter2-hunter2-hunter2").Actor);
    }

    private static AdminKey With(string key) => new(Options.Create(new AdminOptions { Key = key }));
}
