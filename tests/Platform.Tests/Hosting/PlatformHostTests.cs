using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Hosting;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Hosting;

public sealed class PlatformHostTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Sentence =
        "Roles that run in processes of their own meet in a database and a broker: "
        + "set Database:ConnectionString (PostgreSQL) and Broker:Uri (RabbitMQ).";

    [Theory]
    [InlineData(Roles.Api, null, null)]
    [InlineData(Roles.Worker, "Host=127.0.0.1", null)]
    [InlineData(Roles.Scheduler, null, "amqp://127.0.0.1")]
    [InlineData(Roles.Api | Roles.Worker, null, null)]
    internal async Task Refuses_split_roles_that_nothing_joins(Roles roles, string? connection, string? broker)
    {
        var settings = Settings(("Database:ConnectionString", connection), ("Broker:Uri", broker));

        var refused = await Assert.ThrowsAsync<StartupException>(
            () => PlatformHost.OpenDatabaseAsync(settings, roles, NullLogger.Instance, TestContext.Current.CancellationToken));

        Assert.Equal(Sentence, refused.Message);
    }

    [Theory]
    [InlineData(Roles.Worker, "amqp://127.0.0.1")]
    [InlineData(Roles.All, "")]
    internal async Task Opens_the_database_that_it_is_given(Roles roles, string broker)
    {
        var settings = Settings(("Database:ConnectionString", database.ConnectionString), ("Broker:Uri", broker));

        await using var setup = await PlatformHost.OpenDatabaseAsync(
            settings, roles, NullLogger.Instance, TestContext.Current.CancellationToken);

        await using var command = setup.Database.Durable.CreateCommand("select count(*) from tasks");
        Assert.Equal(0L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.False(setup.Lost.IsCompleted);
    }

    [Theory]
    [InlineData("--roles", "api", "Roles that run in processes of their own")]
    [InlineData("--roles", "cook", "'cook' is no role.")]
    public async Task The_program_says_so_in_one_line_and_ends(string option, string value, string sentence)
    {
        using var folder = new TempFolder();
        await using var server = await ServerProcess.StartAsync(["serve", option, value, "--data", folder.Path]);

        var exitCode = await server.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
        var line = await server.WaitForLineAsync(line => line.StartsWith("error:", StringComparison.Ordinal));
        Assert.StartsWith($"error: {sentence}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Lines.Text, StringComparison.Ordinal);
    }

    private static IConfiguration Settings(params (string Key, string? Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value)))
        .Build();
}
