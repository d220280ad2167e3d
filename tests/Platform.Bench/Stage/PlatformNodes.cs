using System.Net;

namespace Platform.Bench.Stage;

/// <summary>
/// The platform in its distributed mode: an api, a worker and a scheduler as processes of their own, and one tenant with a key.
/// </summary>
internal sealed class PlatformNodes : IAsyncDisposable
{
    private readonly List<Child> nodes = [];
    private readonly NodeStart start;

    private PlatformNodes(NodeStart start, string key)
    {
        this.start = start;
        Key = key;
    }

    public Uri Address => start.Address;

    public IPEndPoint Api => new(IPAddress.Loopback, Address.Port);

    public string Key { get; }

    /// <summary>Name and process id of each node.</summary>
    public IReadOnlyList<(string Name, int Pid)> Processes => [.. nodes.Select(node => (node.Name, node.Pid))];

    /// <summary>Brings the database up to date, makes the tenant and starts the three nodes; returns when all of them are ready.</summary>
    public static async Task<PlatformNodes> StartAsync(NodeStart start, CancellationToken cancellation)
    {
        if (!File.Exists(start.Server))
        {
            throw new BenchException($"{start.Server} is not there: build it with dotnet build -c Release");
        }

        ChildStart Program(string name, string[] verb) => start.Program(name, verb);

        var key = await PrepareAsync(start, cancellation);
        var started = new PlatformNodes(start, key);
        return await Undo.UnlessDoneAsync(
            started,
            async () =>
            {
                started.nodes.Add(Child.Start(Program("worker", ServerCommands.ServeWorker()), start.Folder));
                started.nodes.Add(Child.Start(Program("scheduler", ServerCommands.ServeScheduler()), start.Folder));
                started.nodes.Add(Child.Start(Program("api", ServerCommands.ServeApi(start.Address)), start.Folder));
                foreach (var node in started.nodes)
                {
                    await node.WaitUntilAsync(
                        _ => Task.FromResult(node.HasPrinted(ServerCommands.ReadyLine)), TimeSpan.FromSeconds(60), cancellation);
                }

                await started.nodes[^1].WaitUntilAsync(started.IsReadyAsync, TimeSpan.FromSeconds(60), cancellation);
            });
    }

    /// <summary>Brings the database up to date and makes the tenant; answers its key.</summary>
    public static async Task<string> PrepareAsync(NodeStart start, CancellationToken cancellation)
    {
        await Child.RunAsync(start.Program("migrate", ServerCommands.Migrate()), cancellation);
        var tenant = ServerCommands.ReadTenant(await Child.RunAsync(start.Program("tenants", ServerCommands.CreateTenant()), cancellation));
        return ServerCommands.ReadKey(await Child.RunAsync(start.Program("keys", ServerCommands.CreateKey(tenant)), cancellation));
    }

    /// <summary>Starts one more worker and returns when it is ready.</summary>
    public async Task AddWorkerAsync(string name, CancellationToken cancellation)
    {
        var node = Child.Start(start.Program(name, ServerCommands.ServeWorker()), start.Folder);
        nodes.Add(node);
        await node.WaitUntilAsync(_ => Task.FromResult(node.HasPrinted(ServerCommands.ReadyLine)), TimeSpan.FromSeconds(60), cancellation);
    }

    /// <summary>
    /// Names those that are no longer running, with the end of what they printed: figures of a run that lost one mean nothing.
    /// </summary>
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
            using var reply = await client.GetAsync(new Uri(Address, ServerCommands.ReadyPath), cancellation);
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

/// <summary>
/// What the nodes are started from: the program, where their output goes, the address of the api and the settings of all.
/// </summary>
internal sealed record NodeStart(string Server, string Folder, Uri Address, IReadOnlyDictionary<string, string> Settings)
{
    public ChildStart Program(string name, string[] verb) => new(name, "dotnet", [Server, .. verb]) { Environment = ServerCommands.For(name, Settings) };
}
