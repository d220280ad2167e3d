using Xunit;

[assembly: AssemblyFixture(typeof(Platform.Tests.Fixtures.S3Server))]

namespace Platform.Tests.Fixtures;

/// <summary>
/// A real S3-speaking server on loopback behind a gate that checks signatures: s3rver from npm, installed by <c>./dev test</c> from the manifest in
/// <c>tests/s3-server</c>. Started by the first test that asks.
/// </summary>
public sealed class S3Server : IAsyncDisposable
{
    /// <summary>The one key that s3rver knows.</summary>
    public const string AccessKey = "S3RVER";
    public const string SecretKey = "S3RVER";
    public const string Bucket = "speech-results";

    private readonly TempFolder folder = new();
    private readonly int port = FreePort.One();
    private readonly Lazy<Task<ChildProcess>> process;
    private readonly Lazy<Task<S3Gate>> gate;

    public S3Server()
    {
        process = new Lazy<Task<ChildProcess>>(StartAsync);
        gate = new Lazy<Task<S3Gate>>(GateAsync);
    }

    /// <summary>Where it listens, for the bucket in the path.</summary>
    internal async Task<string> EndpointAsync() => (await gate.Value).Endpoint;

    /// <summary>Another way in, which a test may close.</summary>
    internal async Task<S3Gate> GateAsync()
    {
        await process.Value;
        return await S3Gate.StartAsync($"http://127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        if (gate.IsValueCreated && gate.Value.IsCompletedSuccessfully)
        {
            await (await gate.Value).DisposeAsync();
        }

        if (process.IsValueCreated && process.Value.IsCompletedSuccessfully)
        {
            await (await process.Value).DisposeAsync();
        }

        folder.Dispose();
    }

    private async Task<ChildProcess> StartAsync()
    {
        var node = Needed.Program("node");
        var script = Path.Combine(RepositoryRoot(), "tests/s3-server/node_modules/s3rver/bin/s3rver.js");
        if (!File.Exists(script))
        {
            Needed.Missing("the S3 server of the tests is not installed: ./dev test installs it.");
        }

        var server = await ChildProcess.StartAsync(
        [
            node, script, "--directory", folder.Path, "--address", "127.0.0.1", "--port", $"{port}", "--configure-bucket", Bucket,
        ]);
        await server.WaitForLineAsync(static line => line.Contains("listening", StringComparison.OrdinalIgnoreCase));
        return server;
    }

    private static string RepositoryRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Platform.sln")))
        {
            at = at.Parent!;
        }

        return at.FullName;
    }
}
