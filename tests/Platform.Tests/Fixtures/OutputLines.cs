using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>The last lines of a process, and a signal for the one a test waits for.</summary>
internal sealed class OutputLines
{
    private const int Kept = 2_000;

    private readonly Lock gate = new();
    private readonly Queue<string> lines = new();
    private readonly List<(Func<string, bool> Predicate, TaskCompletionSource<string> Found)> waiting = [];
    private bool ended;

    public string Text
    {
        get
        {
            lock (gate)
            {
                return string.Join('\n', lines);
            }
        }
    }

    /// <summary>Reads until the other side closes; a process whose pipe is not read stands still.</summary>
    public async Task PumpAsync(params StreamReader[] sources)
    {
        await Task.WhenAll(sources.Select(async source =>
        {
            while (await source.ReadLineAsync() is { } line)
            {
                Add(line);
            }
        }));
        End();
    }

    /// <summary>A line already there counts. Fails with all the lines when the process ends or the time is over first.</summary>
    public async Task<string> WaitForLineAsync(Func<string, bool> predicate, TimeSpan? patience = null)
    {
        Task<string> found;
        lock (gate)
        {
            if (lines.FirstOrDefault(predicate) is { } line)
            {
                return line;
            }

            var source = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((predicate, source));
            if (ended)
            {
                source.SetException(new InvalidOperationException("The process ended without the line. It wrote:\n" + Text));
            }

            found = source.Task;
        }

        try
        {
            return await found.WaitAsync(patience ?? TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }
        catch (TimeoutException cause)
        {
            throw new TimeoutException("The line did not come. The process wrote:\n" + Text, cause);
        }
    }

    private void Add(string line)
    {
        lock (gate)
        {
            lines.Enqueue(line);
            if (lines.Count > Kept)
            {
                lines.Dequeue();
            }

            foreach (var one in waiting.Where(one => one.Predicate(line)).ToList())
            {
                one.Found.SetResult(line);
                waiting.Remove(one);
            }
        }
    }

    private void End()
    {
        lock (gate)
        {
            ended = true;
            var error = new InvalidOperationException("The process ended without the line. It wrote:\n" + Text);
            waiting.ForEach(one => one.Found.SetException(error));
            waiting.Clear();
        }
    }
}
