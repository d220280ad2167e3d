using System.Net;

namespace Platform.Bench.Stage;

/// <summary>The platform in its distributed mode: an api, a worker and a scheduler as processes of their own, and one tenant with a key.</summary>
internal sealed class PlatformNodes : IAsyncDisposable
{
    private readonly List<Child> nodes = [];

    private PlatformNodes(IPEndPoint api, string key)
    {
        Api = api;
        Key = key;
    }

    public IPEndPoint Api { get; }

    public string Key { get; }

    /// <summary>Name and process id of each node.</summary>
    public IReadOnlyList<(string Name, int Pid)> Processes => [.. nodes.Select(node => (node.Name, node.Pid))];

    public static async Task<PlatformNodes> StartAsync(string server, string folder, Dictionary<string, string> settings, CancellationToken cancellation)
    {
        if (!File.Exists(server))
        {
            throw new BenchException($"{server} is not there: build it with dotnet build -c Release");
        }

        ChildStart Program(string name, string[] verb) => new(name, "dotnet", [server, .. verb]) { Environment = settings };

        await Child.RunAsync(Program("migrate", ServerCommands.Migrate()), cancellation);
        var tenant = ServerCommands.ReadTenant(await Child.RunAsync(Program("tenants", ServerCommands.CreateTenant()), cancellation));
        var key = ServerCommands.ReadKey(await Child.RunAsync(Program("keys", ServerCommands.CreateKey(tenant)), cancellation));
        var port = Loopback.FindFreePorts(1)[0];
        var started = new PlatformNodes(new IPEndPoint(IPAddress.Loopback, port), key);
        return await Undo.UnlessDoneAsync(
            started,
            async () =>
            {
                started.nodes.Add(Child.Start(Program("worker", ServerCommands.ServeWorker()), folder));
                started.nodes.Add(Child.Start(Program("scheduler", ServerCommands.ServeScheduler()), folder));
                started.nodes.Add(Child.Start(Program("api", ServerCommands.ServeApi(port)), folder));
                await started.nodes[^1].WaitUntilAsync(started.IsReadyAsync, TimeSpan.FromSeconds(60), cancellation);
            });
    }

    /// <summary>Names those that are no longer running, with the end of what they printed: figures of a run that lost one mean nothing.</summary>
    public void ThrowIfOneIsGone()
    {
        if (nodes.Find(node => node.HasExited) is { } gone)
        {
            throw new BenchException($"{gone.Name} is no longer running:\n{gone.ReadLogTail()}");
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));

    private async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var reply = await client.GetAsync(new Uri($"http://{Api}{ServerCommands.ReadyPath}"), cancellation);
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
