namespace Platform.Persistence.Embedded;

/// <summary>Everything one start gathers on its way, so that a failure at any point can be undone.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    private FileStream? heldLock;
    private GuardedChild? server;
    private string? socketFolder;
    private Task pumping = Task.CompletedTask;

    public required string LogFile { get; init; }

    public required TimeSpan StopTimeout { get; init; }

    public PostgresLog Log => field ??= new PostgresLog(LogFile);

    public PostgresBinaries Binaries { get; set; } = null!;

    public PostgresHome Home { get; set; } = null!;

    public OsAccount? Account { get; set; }

    public GuardedChild Server => server ?? throw new InvalidOperationException("The server was not launched.");

    public string SocketFolder => socketFolder ?? throw new InvalidOperationException("The server was not launched.");

    /// <summary>Two servers on one cluster would stop each other's database as an orphan: the lock keeps the second one out.</summary>
    public void TakeLock()
    {
        try
        {
            heldLock = new FileStream(Home.LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException cause)
        {
            throw new EmbeddedPostgresException(
                $"Another process uses the database in {Home.Folder}: stop it first, or start with another data folder.", cause);
        }
    }

    /// <summary>Starts the server and waits for its word that it takes connections.</summary>
    public async Task LaunchAsync(EmbeddedPostgresOptions options, CancellationToken cancellation)
    {
        socketFolder = await Embedded.SocketFolder.ChooseAsync(Home.Cluster, Account, cancellation);
        var command = PostgresSettings.CommandLine(Binaries, Home.Cluster, socketFolder, options.Settings);
        server = await GuardedChild.StartAsync(command, "INT", Account, PostgresSettings.Environment);
        pumping = Task.WhenAll(Log.PumpAsync(server.Errors), server.Output.ReadToEndAsync(CancellationToken.None));
        await Task.WhenAny(Log.Ready, server.Exit).WaitAsync(cancellation);
        if (server.Exit.IsCompleted)
        {
            // The last words may still be in the pipe when the exit is known already.
            await pumping.WaitAsync(cancellation);
            throw EmbeddedPostgresException.FromOutput("The database does not start.", Log.LastLines, Home.Folder);
        }
    }

    /// <summary>Undoes whatever was reached. PostgreSQL's signals: INT fast shutdown, QUIT immediate, KILL the last resort.</summary>
    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            foreach (var signal in new[] { Native.Interrupt, Native.Quit, Native.Kill })
            {
                server.Signal(signal);
                if (await Task.WhenAny(server.Exit, Task.Delay(StopTimeout)) == server.Exit)
                {
                    break;
                }
            }

            // A backend in the middle of a statement may hold the pipe a little longer than its killed postmaster.
            await Task.WhenAny(pumping, Task.Delay(StopTimeout));
        }

        if (socketFolder is not null)
        {
            Embedded.SocketFolder.Discard(socketFolder, Home.Cluster);
        }

        heldLock?.Dispose();
    }
}
