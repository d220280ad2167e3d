using Npgsql;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>
/// A running platform. Stories speak HTTP to it; its database makes tenants, moves clocks that no test can wait for, and shows the books.
/// </summary>
internal abstract class Stage : IAsyncDisposable
{
    private readonly IReadOnlyList<ChildProcess> servers;

    protected Stage(Uri address, string connectionString, string mediaFolder, IReadOnlyList<ChildProcess> servers)
    {
        this.servers = servers;
        Address = address;
        MediaFolder = mediaFolder;
        ConnectionString = connectionString;
        Source = NpgsqlDataSource.Create(connectionString);
    }

    public Uri Address { get; }

    public string ConnectionString { get; }

    public string MediaFolder { get; }

    public NpgsqlDataSource Source { get; }

    public abstract string AdminKey { get; }

    /// <summary>Who runs this platform, at its operator surface.</summary>
    public Operator Operator => new(Address, AdminKey);
    /// <summary>The process that customers talk to.</summary>
    public ChildProcess Server => servers[0];

    /// <summary>A tenant of this story alone, so that its money can be counted to the last micro-USD.</summary>
    public Task<Customer> NewCustomerAsync(decimal usd = 5) => NewTenant.RegisterAsync(ConnectionString, Address, usd);

    /// <summary>A story that meets a platform with a process less should show why that one ended, and not its own confusion.</summary>
    public void FailIfAServerEnded()
    {
        foreach (var server in servers.Where(server => server.Exit.IsCompleted))
        {
            Assert.Fail($"Process {server.Id} of this stage ended with {server.Exit.Result}. It wrote:\n{server.Lines.Text}");
        }
    }

    public async Task<T> AskAsync<T>(string sql, params object[] values)
    {
        await using var command = Command(sql, values);
        return (T)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    public async Task ChangeAsync(string sql, params object[] values)
    {
        await using var command = Command(sql, values);
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await Source.DisposeAsync();
        await Task.WhenAll(servers.Select(server => server.StopAsync()));
        Discard();
    }

    /// <summary>Removes what the stopped processes leave.</summary>
    protected abstract void Discard();

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = Source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}

/// <summary>All roles in one process with nothing configured but a port, a folder and a fast media sweep.</summary>
internal sealed class EmbeddedStage : Stage
{
    private readonly TempFolder folder;

    private EmbeddedStage(ChildProcess server, TempFolder folder, Uri address)
        : base(address, ConnectionOf(folder.Path), folder["media"], [server]) => this.folder = folder;

    /// <summary>How a test reaches the private database of a server with this data folder.</summary>
    public static string ConnectionOf(string dataFolder) => $"Host={dataFolder}/postgres;Username=platform;Database=platform";

    public static Task<Stage> StartAsync() => StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal));

    /// <summary>With settings of its own, for a story that nobody shares.</summary>
    public static async Task<Stage> StartAsync(IReadOnlyDictionary<string, string?> settings)
    {
        await Needed.PostgresAsync();
        var data = new TempFolder();
        var address = new Uri($"http://127.0.0.1:{FreePort.One()}");
        var all = new Dictionary<string, string?>(Running.FastSweeps, StringComparer.Ordinal);
        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        var process = await Running.StartAsync(["--data", data.Path, "--urls", address.OriginalString], all);
        return new EmbeddedStage(process, data, address);
    }

    public override string AdminKey => File.ReadAllText(folder["admin.key"]).Trim();

    protected override void Discard() => folder.Dispose();
}
