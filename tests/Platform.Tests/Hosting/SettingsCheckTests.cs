using Microsoft.Extensions.Configuration;
using Platform.Hosting;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Hosting;

public sealed class SettingsCheckTests
{
    [Theory]
    [InlineData("""{"Database":{"ConnectionString":null}}""", "Database:ConnectionString is null: leave it out for its default, or give it a text.")]
    [InlineData("""{"Broker":{"Uri":null}}""", "Broker:Uri is null: leave it out for its default, or give it a text.")]
    [InlineData("""{"Worker":{"Slots":"many"}}""", "Worker:Slots must be a whole number.")]
    [InlineData("""{"Tasks":{"LeaseSeconds":{"a":1}}}""", "Tasks:LeaseSeconds must be a number, not several values.")]
    [InlineData("""{"Storage":{"FlushToDisk":"maybe"}}""", "Storage:FlushToDisk must be a truth: true or false.")]
    [InlineData("""{"Admin":{"Key":"short"}}""", "Admin:Key must have at least 16 characters and no spaces.")]
    [InlineData("""{"Tenants":{"KeyEnvironment":"Li ve"}}""", "Tenants:KeyEnvironment must be a word of 1 to 16 small letters and digits, such as live.")]
    [InlineData("""{"Broker":{"Url":"amqp://x"}}""", "Broker:Url is not a setting; did you mean Broker:Uri. Known in Broker: Uri, Prefix.")]
    [InlineData("""{"Engines":{"Instances":{"gpu":{"Adress":"http://x"}}}}""",
        "Engines:Instances:gpu:Adress is not a setting. Known in Engines:Instances:gpu: Kind, Url,")]
    [InlineData("""{"Engines":{"Instances":{"gpu":{"Concurrency":"0"}}}}""", "Engines:Instances:gpu:Concurrency must be from 1 to 10000.")]
    [InlineData("""{"Worker":{"Pools":"speech"}}""", "Worker:Pools must be a list, such as --Section:Name:0 value.")]
    public void Names_what_is_wrong_with_a_setting(string json, string fault) =>
        Assert.Contains(Faults(json), found => found.StartsWith(fault, StringComparison.Ordinal));

    [Theory]
    [InlineData("DashScope:MaxBytes", "64MB", "DashScope:MaxBytes must be a whole number.")]
    [InlineData("Engines:Instances:gpu:Concurrency", "many", "Engines:Instances:gpu:Concurrency must be a whole number.")]
    public void What_cannot_be_read_is_listed_beside_the_rest(string name, string value, string fault)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new(name, value), new("Worker:Slots", "x")]).Build();

        var faults = SettingsCheck.FindAll(settings, []);

        Assert.Contains(fault, faults, StringComparer.Ordinal);
        Assert.Contains("Worker:Slots must be a whole number.", faults, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"Worker":{"Slots":"8","Pools":["a","b"]},"Engines":{"Pools":{"a":"null"}},"database":{"connectionstring":"Host=x"}}""")]
    [InlineData("""{"Unrelated":{"Anything":null},"TEST_POSTGRES":"x"}""")]
    public void Is_content_with_what_can_be_used(string json) => Assert.Empty(Faults(json));

    [Fact]
    public void The_defaults_that_ship_are_right() => Assert.Empty(SettingsCheck.FindFaults(
        new ConfigurationBuilder().AddJsonFile(Path.Combine(Path.GetDirectoryName(ServerProcess.Assembly)!, "appsettings.json")).Build(),
        SettingsCheck.OptionsTypes()));

    [Fact]
    public async Task The_program_lists_everything_and_does_not_start()
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartAsync(
            ["serve", "--data", folder.Path, "--Worker:Slots", "x", "--Broker:Url", "y"],
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PLATFORM_ADMIN_KEY"] = "short" });

        Assert.Equal(1, await server.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));

        await server.WaitForLineAsync(static line => line.StartsWith("Every setting stands", StringComparison.Ordinal));
        Assert.Contains("error: 3 settings are wrong:", server.Lines.Text, StringComparison.Ordinal);
        Assert.Contains("Worker:Slots must be a whole number.", server.Lines.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Lines.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("short", server.Lines.Text, StringComparison.Ordinal);
    }

    private static List<string> Faults(string json)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        return [.. SettingsCheck.FindFaults(new ConfigurationBuilder().AddJsonStream(stream).Build(), SettingsCheck.OptionsTypes())];
    }
}
