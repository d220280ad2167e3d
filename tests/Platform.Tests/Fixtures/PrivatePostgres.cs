using Microsoft.Extensions.Logging.Abstractions;
using Platform.Persistence.Embedded;
using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>
/// A PostgreSQL of one test alone, reachable from other processes by its socket, that can be stopped, killed and started
/// again with its data.
/// </summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly bool durable;
    private EmbeddedPostgres? server;

    private PrivatePostgres(bool durable) => this.durable = durable;

    /// <summary>The same after every start: the folder is short enough to hold the socket itself.</summary>
    public string ConnectionString => server?.ConnectionString ?? throw new InvalidOperationException("The database is stopped.");

    /// <param name="durable">True for crash tests; without it a killed server may lose what it had confirmed.</param>
    public static async Task<PrivatePostgres> StartNewAsync(bool durable)
    {
        var postgres = new PrivatePostgres(durable);
        try
        {
            await postgres.StartAsync();
            return postgres;
        }
        catch
        {
            postgres.folder.Dispose();
            throw;
        }
    }

    public async Task StartAsync()
    {
        await Needed.PostgresAsync();
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["max_connections"] = "300" };
        if (!durable)
        {
            (settings["fsync"], settings["full_page_writes"], settings["synchronous_commit"]) = ("off", "off", "off");
        }

        server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = folder.Path, Settings = settings },
            NullLogger.Instance,
            TestContext.Current.CancellationToken);
    }

    /// <summary>A clean shutdown, as in a planned restart.</summary>
    public async Task StopAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
            server = null;
        }
    }

    /// <summary>SIGKILL to the postmaster, as a crash of the database machine; the next start recovers.</summary>
    public async Task KillAsync()
    {
        if (server is not null)
        {
            Native.Signal(server.ProcessId, Native.Kill);
            await server.Exited;
            await StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        folder.Dispose();
    }
}
