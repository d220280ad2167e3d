using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Platform.Bench.Stage;

/// <summary>A private RabbitMQ node with a port mapper of its own, so that no other node on the machine is met.</summary>
internal sealed class RabbitServer : IAsyncDisposable
{
    private readonly Child portMapper;
    private readonly Child node;

    private RabbitServer(Child portMapper, Child node, Uri address)
    {
        this.portMapper = portMapper;
        this.node = node;
        Address = address;
    }

    /// <summary>The AMQP address with the user that may only come from loopback.</summary>
    public Uri Address { get; }

    public int Pid => node.Pid;

    public static async Task<RabbitServer> StartAsync(string folder, RabbitPorts ports, CancellationToken cancellation)
    {
        var home = Directory.CreateDirectory(Path.Combine(folder, "rabbit")).FullName;
        var environment = await ConfigureAsync(home, ports, cancellation);
        var mapper = new ChildStart("epmd", "epmd", ["-port", $"{ports.Mapper}", "-address", "127.0.0.1"]);
        var program = new ChildStart("rabbitmq", FindProgram(), []) { Environment = environment };
        var server = new RabbitServer(Child.Start(mapper, folder), Child.Start(program, folder),
            new Uri($"amqp://guest:guest@127.0.0.1:{ports.Amqp}"));
        return await Undo.UnlessDoneAsync(server, () =>
            server.node.WaitUntilAsync(server.AnswersAsync, TimeSpan.FromSeconds(60), cancellation));
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await portMapper.DisposeAsync();
    }

    private static async Task<Dictionary<string, string>> ConfigureAsync(string home, RabbitPorts ports, CancellationToken cancellation)
    {
        var settings = Path.Combine(home, "rabbitmq.conf");
        var plugins = Path.Combine(home, "enabled_plugins");
        var environmentFile = Path.Combine(home, "rabbitmq-env.conf");
        await File.WriteAllTextAsync(settings, $"listeners.tcp.1 = 127.0.0.1:{ports.Amqp}\nlog.file.level = warning\n", cancellation);
        await File.WriteAllTextAsync(plugins, "[].\n", cancellation);
        await File.WriteAllTextAsync(environmentFile, "", cancellation);
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // The Erlang cookie is written to HOME; a shared one would let this node talk to another.
            ["HOME"] = home,
            ["ERL_EPMD_PORT"] = $"{ports.Mapper}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"bench-{ports.Amqp}@localhost",
            ["RABBITMQ_CONF_ENV_FILE"] = environmentFile,
            ["RABBITMQ_CONFIG_FILE"] = settings,
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins,
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(home, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(home, "log"),
            ["RABBITMQ_DIST_PORT"] = $"{ports.Distribution}",
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        };
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await new ConnectionFactory { Uri = Address }.CreateConnectionAsync(cancellation);
            return connection.IsOpen;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }

    private static string FindProgram()
    {
        // Debian's own start script in /usr/sbin changes user and folder; the one it wraps does neither.
        string[] places = ["/usr/lib/rabbitmq/bin/rabbitmq-server", .. PathEntries()];
        return places.FirstOrDefault(File.Exists)
            ?? throw new BenchException("RabbitMQ is not installed: install the package rabbitmq-server");
    }

    private static IEnumerable<string> PathEntries() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "rabbitmq-server"));
}

/// <summary>The three ports that a node needs.</summary>
internal sealed record RabbitPorts(int Amqp, int Mapper, int Distribution);
