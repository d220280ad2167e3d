namespace Platform.Persistence.Embedded;

/// <summary>
/// Carries what the server writes to a file of bounded size, remembers its last lines, and notices when it is ready.
/// </summary>
internal sealed class PostgresLog(string path)
{
    private const long LargestFile = 8 * 1024 * 1024;
    private const int Remembered = 30;

    private readonly Queue<string> last = new();
    private readonly Lock gate = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the server accepts connections.</summary>
    public Task Ready => ready.Task;

    public IReadOnlyCollection<string> LastLines
    {
        get
        {
            lock (gate)
            {
                return [.. last];
            }
        }
    }

    /// <summary>Reads until the server has closed its end. It must never stop before: a full pipe would freeze the server.</summary>
    public async Task PumpAsync(StreamReader source)
    {
        var file = Open(append: true);
        while (await source.ReadLineAsync() is { } line)
        {
            Remember(line);
            file = Write(file, line);
        }

        file?.Dispose();
    }

    private void Remember(string line)
    {
        lock (gate)
        {
            last.Enqueue(line);
            if (last.Count > Remembered)
            {
                last.Dequeue();
            }
        }

        if (line.Contains("database system is ready to accept connections", StringComparison.Ordinal))
        {
            ready.TrySetResult();
        }
    }

    // A disk that fills up takes the file, not the database: the last lines are still in memory for whoever asks.
    private StreamWriter? Write(StreamWriter? file, string line)
    {
        try
        {
            file?.WriteLine(line);
            if (file is null || file.BaseStream.Position < LargestFile)
            {
                return file;
            }

            file.Dispose();
            File.Move(path, path + ".1", overwrite: true);
            return Open(append: false);
        }
        catch (IOException cause)
        {
            Remember($"(writing {path} stopped: {cause.Message})");
            return null;
        }
    }

    private StreamWriter? Open(bool append)
    {
        try
        {
            return new StreamWriter(path, append) { AutoFlush = true };
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            Remember($"(cannot write {path}: {cause.Message})");
            return null;
        }
    }
}
