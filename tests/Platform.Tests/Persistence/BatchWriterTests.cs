using System.Collections.Concurrent;
using Platform.Persistence;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Persistence;

public sealed class BatchWriterTests : IDisposable
{
    private readonly ConcurrentQueue<Statement> statements = new();
    private readonly SemaphoreSlim begun = new(0);
    private int taken;

    public void Dispose() => begun.Dispose();

    [Fact]
    public async Task A_call_that_finds_nothing_in_flight_runs_at_once()
    {
        var writer = NewWriter();

        var reply = writer.WriteAsync(7);

        // No timer and no other thread: the statement is out when the call returns.
        Assert.Equal([7], Assert.Single(statements).Items);
        (await NextAsync()).Answer();
        Assert.Equal("7", await reply.SoonAsync());
    }

    [Fact]
    public async Task Calls_that_come_meanwhile_share_the_next_statement_in_their_order()
    {
        var writer = NewWriter();
        var first = writer.WriteAsync(0);
        var others = Enumerable.Range(1, 9).Select(writer.WriteAsync).ToList();
        Assert.Single(statements);

        (await NextAsync()).Answer();
        var second = await NextAsync();

        Assert.Equal(Enumerable.Range(1, 9), second.Items);
        Assert.Equal("0", await first.SoonAsync());
        Assert.All(others, other => Assert.False(other.IsCompleted));
        second.Answer();
        Assert.Equal(Enumerable.Range(1, 9).Select(i => $"{i}").ToArray(), await Task.WhenAll(others).SoonAsync());
    }

    [Fact]
    public async Task A_fault_reaches_every_call_of_its_statement_and_no_other()
    {
        var writer = NewWriter();
        var before = writer.WriteAsync(0);
        var broken = new[] { writer.WriteAsync(1), writer.WriteAsync(2) };
        (await NextAsync()).Answer();
        var second = await NextAsync();
        var after = writer.WriteAsync(3);

        second.Break(new TimeoutException("the database is away"));
        (await NextAsync()).Answer();

        Assert.Equal("0", await before.SoonAsync());
        foreach (var call in broken)
        {
            Assert.Equal("the database is away", (await Assert.ThrowsAsync<TimeoutException>(() => call.SoonAsync())).Message);
        }

        Assert.Equal("3", await after.SoonAsync());
    }

    [Fact]
    public async Task A_statement_that_throws_before_it_begins_stops_nothing()
    {
        var calls = 0;
        var writer = new BatchWriter<int, int>(
            items => calls++ == 0 ? throw new InvalidOperationException("early") : Task.FromResult<IReadOnlyList<int>>([.. items]),
            largest: 10);

        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.WriteAsync(1).SoonAsync());

        Assert.Equal(2, await writer.WriteAsync(2).SoonAsync());
    }

    [Fact]
    public async Task No_statement_holds_more_than_the_largest()
    {
        var writer = NewWriter(largest: 4);
        var calls = Enumerable.Range(0, 11).Select(writer.WriteAsync).ToList();

        var sizes = new List<int>();
        while (sizes.Sum() < 11)
        {
            var statement = await NextAsync();
            sizes.Add(statement.Items.Count);
            statement.Answer();
        }

        Assert.Equal([1, 4, 4, 2], sizes);
        Assert.Equal(Enumerable.Range(0, 11).Select(i => $"{i}").ToArray(), await Task.WhenAll(calls).SoonAsync());
    }

    [Fact]
    public async Task Is_idle_again_after_a_burst()
    {
        var writer = NewWriter();
        for (var round = 0; round < 3; round++)
        {
            var call = writer.WriteAsync(round);
            (await NextAsync()).Answer();
            Assert.Equal($"{round}", await call.SoonAsync());
        }

        Assert.Equal(3, statements.Count);
    }

    [Fact]
    public async Task Never_runs_two_statements_at_once_and_loses_no_call_among_many_threads()
    {
        var (inside, most) = (0, 0);
        var writer = new BatchWriter<int, int>(
            async items =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                await Task.Yield();
                Interlocked.Decrement(ref inside);
                return [.. items.Select(item => item * 2)];
            },
            largest: 16);

        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                Assert.Equal(i * 2, await writer.WriteAsync(i));
            }

            return thread;
        }))).SoonAsync();

        Assert.Equal(4, replies.Length);
        Assert.Equal(1, most);
    }

    [Theory]
    [InlineData(2, 10)]
    [InlineData(100, 25)]
    public async Task A_busy_writer_rests_in_proportion_to_its_statement_and_never_long(int took, int rests)
    {
        var time = new ManualTime();
        var writer = NewWriter(rest: 5, time: time);
        var calls = Enumerable.Range(0, 7).Select(writer.WriteAsync).ToList();
        (await NextAsync()).Answer();
        var busy = await NextAsync();
        time.Advance(TimeSpan.FromMilliseconds(took));
        busy.Answer();
        await Task.WhenAll(calls).SoonAsync();
        await time.WaitForTimersAsync();

        var late = writer.WriteAsync(7);
        time.Advance(TimeSpan.FromMilliseconds(rests - 1));
        Assert.Equal(2, statements.Count);
        time.Advance(TimeSpan.FromMilliseconds(1));

        (await NextAsync()).Answer();
        Assert.Equal("7", await late.SoonAsync());
    }

    [Fact]
    public async Task A_writer_that_rests_begins_again_as_soon_as_its_statement_is_full()
    {
        var time = new ManualTime();
        var writer = NewWriter(largest: 1000, rest: 5, time: time);
        var calls = Enumerable.Range(0, 7).Select(writer.WriteAsync).ToList();
        (await NextAsync()).Answer();
        var busy = await NextAsync();
        time.Advance(TimeSpan.FromMilliseconds(2));
        busy.Answer();
        await Task.WhenAll(calls).SoonAsync();
        await time.WaitForTimersAsync();

        var late = Enumerable.Range(7, 100).Select(writer.WriteAsync).ToList();

        var full = await NextAsync();
        Assert.Equal(100, full.Items.Count);
        full.Answer();
        await Task.WhenAll(late).SoonAsync();
    }

    [Fact]
    public async Task A_few_calls_are_never_kept_waiting()
    {
        var writer = NewWriter(rest: 1e6);
        for (var round = 0; round < 3; round++)
        {
            var calls = Enumerable.Range(0, 4).Select(writer.WriteAsync).ToList();
            (await NextAsync()).Answer();
            (await NextAsync()).Answer();
            await Task.WhenAll(calls).SoonAsync();
        }

        Assert.Equal(6, statements.Count);
    }

    [Fact]
    public async Task Calls_that_are_about_to_come_share_the_first_statement_of_a_writer_that_gathers()
    {
        var sizes = new ConcurrentQueue<int>();
        var writer = new BatchWriter<int, int>(
            items =>
            {
                sizes.Enqueue(items.Count);
                return Task.FromResult<IReadOnlyList<int>>([.. items]);
            },
            largest: 5000) { Gathers = true };

        // Queued all at once, by which the first of them finds the others waiting for a thread.
        var calls = Enumerable.Range(0, 5000).Select(i => Task.Run(() => writer.WriteAsync(i))).ToArray();

        Assert.Equal(Enumerable.Range(0, 5000), await Task.WhenAll(calls).SoonAsync());
        Assert.InRange(sizes.Count, 1, 2500);
    }

    private BatchWriter<int, string> NewWriter(int largest = 100, double rest = 0, TimeProvider? time = null) => new(
        items =>
        {
            var statement = new Statement(items);
            statements.Enqueue(statement);
            begun.Release();
            return statement.Reply.Task;
        },
        largest,
        rest,
        time);

    private async Task<Statement> NextAsync()
    {
        await begun.WaitAsync(TestContext.Current.CancellationToken).SoonAsync();
        return statements.ElementAt(taken++);
    }

    private sealed record Statement(IReadOnlyList<int> Items)
    {
        public TaskCompletionSource<IReadOnlyList<string>> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Answer() => Reply.SetResult([.. Items.Select(item => $"{item}")]);

        public void Break(Exception fault) => Reply.SetException(fault);
    }
}
