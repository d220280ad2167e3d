using Microsoft.Extensions.Configuration;
using Platform.Hosting;
using Xunit;

namespace Platform.Tests.Hosting;

public sealed class UnknownSettingsTests
{
    [Theory]
    [InlineData("Wroker:Slots", "Wroker:Slots in appsettings.json is not a setting; did you mean Worker:Slots (PLATFORM_WORKER__SLOTS).")]
    [InlineData(
        "Databse:ConnectionString",
        "Databse:ConnectionString in appsettings.json is not a setting; did you mean Database:ConnectionString (PLATFORM_DATABASE__CONNECTIONSTRING).")]
    [InlineData("Entirely:Else", "Entirely:Else in appsettings.json is not a setting. Sections are ")]
    public void Names_a_section_that_nobody_reads(string key, string expected) =>
        Assert.StartsWith(expected, Assert.Single(Find("appsettings.json", key)), StringComparison.Ordinal);

    [Theory]
    [InlineData(
        "DATABASE_CONNECTIONSTRING",
        "PLATFORM_DATABASE_CONNECTIONSTRING is not a setting; did you mean Database:ConnectionString (PLATFORM_DATABASE__CONNECTIONSTRING).")]
    [InlineData("BROKR:URI", "PLATFORM_BROKR__URI is not a setting; did you mean Broker:Uri (PLATFORM_BROKER__URI).")]
    [InlineData("ROLE", "PLATFORM_ROLE is not a setting; did you mean Roles (PLATFORM_ROLES).")]
    [InlineData("SOMETHING:ELSE", "PLATFORM_SOMETHING__ELSE is not a setting. Sections are ")]
    public void Names_a_variable_that_is_misspelled(string key, string expected) =>
        Assert.StartsWith(expected, Assert.Single(Find(null, key)), StringComparison.Ordinal);

    [Theory]
    [InlineData("SERVICE_HOST")]
    [InlineData("SERVICE_PORT")]
    [InlineData("PORT")]
    [InlineData("PORT_80_TCP")]
    [InlineData("PORT_80_TCP_ADDR")]
    [InlineData("API_SERVICE_PORT_HTTP")]
    [InlineData("WORKER_PORT_9464_TCP_PROTO")]
    [InlineData("TEST_STOPAT")]
    [InlineData("TEAM")]
    [InlineData("BUILD_NUMBER")]
    public void Leaves_alone_what_Kubernetes_and_others_put_into_the_environment(string key) => Assert.Empty(Find(null, key));

    [Theory]
    [InlineData("DATABASE:CONNECTIONSTRING")]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("URLS")]
    [InlineData("ADMIN_KEY")]
    [InlineData("data")]
    public void Knows_what_is_a_setting(string key)
    {
        Assert.Empty(Find("appsettings.json", key));
        Assert.Empty(Find(null, key));
    }

    private static List<string> Find(string? source, string key) =>
    [
        .. UnknownSettings.FindIn(
            new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(key, (string?)"x")]).Build(),
            UnknownSettings.KnownNames(SettingsCheck.OptionsTypes()), source),
    ];
}
