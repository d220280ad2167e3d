using System.Net;
using System.Net.Sockets;
using System.Globalization;
using Platform.Persistence.Embedded;
using Platform.Tests.Crash;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The life of the one-process mode: its first start, its ends, and the starts after them.</summary>
[Collection(Alone.Name)]
public sealed class EmbeddedLifeTests(ITestOutputHelper output) : IDisposable
{
    // The bar is 3 s on a machine that does nothing else; tests share theirs.
    private const double LongestStart = 5;

    private readonly TempFolder folder = new();
    private readonly Uri address = new($"http://127.0.0.1:{FreePort.One()}");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Starts_ends_on_ctrl_c_and_starts_again_with_its_data()
    {
        await Needed.PostgresAsync();
        string uuid;
        Customer demo;
        await using (var first = await StartAsync())
        {
            demo = new Customer(address, Secret("demo.key"));
            Assert.NotEmpty(Secret("admin.key"));
            Assert.StartsWith("whsec_", Secret("demo.secret"), StringComparison.Ordinal);
            Assert.Contains(demo.Key!, await first.WaitForLineAsync(line => line.Contains("curl ", StringComparison.Ordinal)),
                StringComparison.Ordinal);
            var task = Ask.ForSpeech();
            uuid = Ask.UuidOf(task);
            await demo.SpeakAsync(task);
            var postgres = PostgresId();

            Assert.True(first.Signal(Native.Interrupt));

            Assert.Equal(0, await first.Exit.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
            Assert.False(Gone.Runs(postgres));
            Assert.False(File.Exists(folder["postgres/postmaster.pid"]));
        }

        var (second, seconds) = await StartTimedAsync();
        if (seconds > LongestStart)
        {
            // A neighbour on the machine may take a start's processor; it will not take two in a row.
            Assert.Equal(0, await second.StopAsync());
            (second, seconds) = await StartTimedAsync();
        }

        await using var running = second;
        Assert.True(seconds < LongestStart, $"{seconds:F2} s");
        Assert.Equal(demo.Key, Secret("demo.key"));
        Assert.NotEmpty(await demo.DownloadAsync((await demo.PollAsync(uuid)).Item));
        Assert.Equal(0, await running.StopAsync());
    }

    [Fact]
    public async Task A_killed_process_loses_nothing_it_had_accepted()
    {
        await Needed.PostgresAsync();
        var uuids = new List<string>();
        int postgres;
        Customer demo;
        await using (var first = await StartAsync())
        {
            demo = new Customer(address, Secret("demo.key"));
            var tasks =
                Enumerable.Range(0, 20).Select(_ => Ask.ForSpeech(more: """{"deliveryMethod":"async","numberResults":2}""")).ToArray();
            uuids.AddRange((await demo.SendAsync(tasks)).Items.Select(Ask.UuidOf));
            postgres = PostgresId();
            Assert.Equal(137, await first.KillAsync());
        }

        await using var second = await StartAsync();

        Assert.False(Gone.Runs(postgres));
        Assert.Equal(20, uuids.Count);
        foreach (var uuid in uuids)
        {
            Assert.Equal(2, (await demo.PollToEndAsync(uuid)).Items.Length);
        }

        await using var source = Npgsql.NpgsqlDataSource.Create(EmbeddedStage.ConnectionOf(folder.Path));
        await new Books(source).CheckAsync();
    }

    [Fact]
    public async Task Split_roles_with_nothing_shared_are_refused_at_the_start()
    {
        await using var lonely = await ServerProcess.StartAsync(["serve", "--roles", "api", "--data", folder.Path]);

        var line = await lonely.WaitForLineAsync(line => line.StartsWith("error:", StringComparison.Ordinal));

        Assert.Contains("Broker:Uri", line, StringComparison.Ordinal);
        Assert.Equal(1, await lonely.Exit.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_port_that_is_taken_ends_the_start_with_what_to_do()
    {
        await Needed.PostgresAsync();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var second = await ServerProcess.StartAsync(["serve", "--data", folder.Path, "--urls", $"http://{taken.LocalEndpoint}"]);

        var line = await second.WaitForLineAsync(line => line.StartsWith("error:", StringComparison.Ordinal));

        Assert.Contains("address already in use", line, StringComparison.Ordinal);
        Assert.Contains("PORT=", line, StringComparison.Ordinal);
        Assert.Equal(1, await second.Exit.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    private Task<ChildProcess> StartAsync() => Running.StartAsync(
        ["--data", folder.Path, "--urls", address.OriginalString],
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["PLATFORM_TASKS__LEASESECONDS"] = "3" });

    private async Task<(ChildProcess Server, double Seconds)> StartTimedAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        var server = await StartAsync();
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        output.WriteLine($"Ready {seconds:F2} s after a start with data.");
        return (server, seconds);
    }

    private string Secret(string name)
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder[name]));
        return File.ReadAllText(folder[name]).Trim();
    }

    private int PostgresId() => int.Parse(File.ReadLines(folder["postgres/postmaster.pid"]).First(), CultureInfo.InvariantCulture);
}

/// <summary>Runs when nothing else does, because it measures.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
