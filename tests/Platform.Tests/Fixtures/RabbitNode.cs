using System.Globalization;

namespace Platform.Tests.Fixtures;

/// <summary>
/// A RabbitMQ node of its own on loopback ports, with its own epmd, cookie and folders. It can be stopped, killed and
/// started again with its data.
/// </summary>
internal sealed class RabbitNode : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly int[] ports = FreePort.Several(3);
    private ChildProcess? epmd;
    private ChildProcess? node;

    private readonly IReadOnlyList<string> more;

    private RabbitNode(IReadOnlyList<string> more) => this.more = more;

    public Uri Uri => new($"amqp://guest:guest@127.0.0.1:{ports[0]}/");

    /// <param name="more">Lines for its configuration.</param>
    public static async Task<RabbitNode> StartNewAsync(params string[] more)
    {
        var started = new RabbitNode(more);
        try
        {
            await started.StartAsync();
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns when the node takes connections.</summary>
    public async Task StartAsync()
    {
        var server = Needed.Program("rabbitmq-server", "/usr/lib/rabbitmq/bin");
        await File.WriteAllTextAsync(folder["enabled_plugins"], "[].\n");
        await File.WriteAllLinesAsync(
            folder["rabbit.conf"], ["log.console = true", "log.console.level = info", "disk_free_limit.absolute = 50MB", .. more]);

        // Started here, because the node would leave one behind as a daemon.
        epmd ??= await ChildProcess.StartAsync(
            [Needed.Program("epmd"), "-port", ports[1].ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"]);
        node = await ChildProcess.StartAsync([server], Settings());
        await node.WaitForLineAsync(line => line.Contains("Server startup complete", StringComparison.Ordinal), TimeSpan.FromMinutes(2));
    }

    /// <summary>Runs <c>rabbitmqctl</c> on this node.</summary>
    public async Task ControlAsync(params string[] arguments)
    {
        var settings = Settings();
        settings.Remove("RABBITMQ_SERVER_START_ARGS");
        settings.Remove("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS");
        await using var control = await ChildProcess.StartAsync(
            [Needed.Program("rabbitmqctl", "/usr/lib/rabbitmq/bin"), "-n", settings["RABBITMQ_NODENAME"]!, .. arguments], settings);
        if (await control.Exit is not 0 and var code)
        {
            throw new InvalidOperationException($"rabbitmqctl ended with {code}:\n{control.Lines.Text}");
        }
    }

    /// <summary>A clean shutdown.</summary>
    public Task StopAsync() => EndAsync(process => process.StopAsync(TimeSpan.FromSeconds(60)));

    /// <summary>SIGKILL, as a crash of the broker's machine.</summary>
    public Task KillAsync() => EndAsync(process => process.KillAsync());

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (epmd is not null)
        {
            await epmd.DisposeAsync();
        }

        folder.Dispose();
    }

    private async Task EndAsync(Func<ChildProcess, Task> end)
    {
        if (node is not null)
        {
            await end(node);
            node = null;
        }
    }

    private Dictionary<string, string?> Settings() => new(StringComparer.Ordinal)
    {
        ["HOME"] = folder.Path,
        ["RABBITMQ_NODENAME"] = $"test{ports[0]}@localhost",
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = ports[0].ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_PORT"] = ports[1].ToString(CultureInfo.InvariantCulture),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_DIST_PORT"] = ports[2].ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        ["RABBITMQ_MNESIA_BASE"] = folder["mnesia"],
        ["RABBITMQ_LOG_BASE"] = folder["log"],
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_CONFIG_FILE"] = folder["rabbit"],
        ["RABBITMQ_ADVANCED_CONFIG_FILE"] = folder["advanced"],
        ["RABBITMQ_CONF_ENV_FILE"] = folder["no-such-file"],
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = folder["enabled_plugins"],
        // With input "allowed" the script replaces itself by the virtual machine, so that signals reach the node and not a
        // shell in front of it; -noinput then says that there is no input after all.
        ["RABBITMQ_ALLOW_INPUT"] = "true",
        ["RABBITMQ_SERVER_START_ARGS"] = "-noinput",
    };
}
