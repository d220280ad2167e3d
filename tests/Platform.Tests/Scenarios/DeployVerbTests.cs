using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The two verbs that a deployment needs: whether a server is ready, and a tenant to try it with.</summary>
public sealed class DeployVerbTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Health_says_whether_a_server_is_ready()
    {
        await Needed.PostgresAsync();
        using var folder = new TempFolder();
        var address = $"http://127.0.0.1:{FreePort.One()}";
        var (before, complaint) = await RunAsync("health", "--url", address);
        Assert.Equal(1, before);
        Assert.Contains($"nothing answers at {address}/health/ready", complaint, StringComparison.Ordinal);

        await using var server = await Running.StartAsync(["--data", folder.Path, "--urls", address], Running.FastSweeps);

        Assert.Equal((0, "ready"), await RunAsync("health", "--url", address));
        Assert.Equal(1, (await RunAsync("health", "--url", "nowhere")).Code);
    }

    [Fact]
    public async Task A_demo_tenant_is_made_once_and_its_command_shown()
    {
        using var folder = new TempFolder();
        var (code, text) = await RunAsync("demo", "--data", folder.Path, "--url", "https://speech.example.com/");
        var key = (await File.ReadAllTextAsync(folder["demo.key"], TestContext.Current.CancellationToken)).Trim();

        Assert.Equal(0, code);
        Assert.Contains($"curl -s https://speech.example.com/v1 -H 'Authorization: Bearer {key}'", text, StringComparison.Ordinal);
        Assert.Contains(key, (await RunAsync("demo", "--data", folder.Path)).Text, StringComparison.Ordinal);
        await using var count = database.Source.CreateCommand("select count(*) from tenants where name = 'demo'");
        Assert.Equal(1L, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_process_that_waits_for_its_database_is_alive_and_not_ready_until_somebody_migrates()
    {
        await Needed.PostgresAsync();
        using var folder = new TempFolder();
        await using var postgres = await PrivatePostgres.StartNewAsync(durable: false);
        var address = new Uri($"http://127.0.0.1:{FreePort.One()}");
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["PLATFORM_DATABASE__CONNECTIONSTRING"] = postgres.ConnectionString };
        await using var server = await ServerProcess.StartAsync(["serve", "--data", folder.Path, "--urls", address.OriginalString], settings);
        using var http = new HttpClient { BaseAddress = address };

        await Until.TrueAsync(async () => await StatusAsync(http, "/health/live") == 200);
        Assert.Equal((503, 503), (await StatusAsync(http, "/health/ready"), await StatusAsync(http, "/v1")));
        Assert.Contains("platform_database_up 0", await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await using var migrate = await ServerProcess.StartAsync(["migrate", "--json"], settings);
        await migrate.WaitForLineAsync(static line => line.StartsWith("{\"applied\":", StringComparison.Ordinal));
        Assert.Equal(0, await migrate.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await Until.TrueAsync(async () => await StatusAsync(http, "/health/ready") == 200);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task Migrating_gives_up_on_a_server_that_never_answers()
    {
        await using var verb = await ServerProcess.StartAsync(
            ["migrate", "--wait", "1"],
            new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["PLATFORM_DATABASE__CONNECTIONSTRING"] = $"Host=127.0.0.1;Port={FreePort.One()};Username=x;Database=x",
            });
        Assert.Equal(1, await verb.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await verb.WaitForLineAsync(static line => line.Contains("did not answer, or took no writes, for 1 s", StringComparison.Ordinal));
    }

    private static async Task<int> StatusAsync(HttpClient http, string path)
    {
        try
        {
            using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private async Task<(int Code, string Text)> RunAsync(params string[] arguments)
    {
        await using var verb = await ServerProcess.StartAsync(
            arguments,
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["PLATFORM_DATABASE__CONNECTIONSTRING"] = database.ConnectionString });
        var code = await verb.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await verb.StopAsync();
        return (code, verb.Lines.Text.Trim());
    }
}
