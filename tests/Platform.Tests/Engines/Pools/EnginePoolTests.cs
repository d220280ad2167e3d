using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Engines;
using Platform.Engines.Calls;
using Platform.Engines.Pools;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Engines.Pools;

public sealed class EnginePoolTests
{
    private static readonly SpeechRequest Ask = Requests.Of("Hello.");
    private readonly ManualTime time = new();
    private readonly ScriptedEngine first = new("first");
    private readonly ScriptedEngine second = new("second");

    [Fact]
    public async Task The_first_engine_speaks_while_it_can()
    {
        var pool = PoolOf(first, second);
        Assert.Same(ScriptedEngine.Audio, await SpeakAsync(pool));
        Assert.Equal((1, 0), (first.Calls, second.Calls));
    }

    [Theory]
    [InlineData("Away")]
    [InlineData("Busy")]
    [InlineData("Misconfigured")]
    public async Task The_next_engine_takes_over_from_one_that_is_absent(string kind)
    {
        first.Answer = ScriptedEngine.Failure(Enum.Parse<FailureKind>(kind));
        Assert.Same(ScriptedEngine.Audio, await SpeakAsync(PoolOf(first, second)));
        Assert.Equal((1, 1), (first.Calls, second.Calls));
    }

    [Theory]
    [InlineData("Broken")]
    [InlineData("Rejected")]
    [InlineData("ContentRefused")]
    public async Task What_the_request_is_at_fault_for_goes_to_no_other(string kind)
    {
        first.Answer = ScriptedEngine.Failure(Enum.Parse<FailureKind>(kind));
        Assert.Equal(Enum.Parse<FailureKind>(kind), (await SpeakAsync(PoolOf(first, second))).Failure?.Kind);
        Assert.Equal(0, second.Calls);
    }

    [Fact]
    public async Task No_other_voice_ever_takes_over()
    {
        var other = new ScriptedEngine("other") { Voices = ["somebody else"] };
        first.Answer = ScriptedEngine.Failure(FailureKind.Away);

        var outcome = await SpeakAsync(PoolOf(first, other));

        Assert.Equal(FailureKind.Away, outcome.Failure?.Kind);
        Assert.Equal(0, other.Calls);
    }

    [Fact]
    public async Task A_voice_that_no_engine_has_ends_the_task()
    {
        var outcome = await SpeakAsync(PoolOf(new ScriptedEngine("other") { Voices = ["somebody else"] }));
        Assert.Equal(EngineFailures.NobodyServes, outcome.Failure);
    }

    [Fact]
    public async Task An_engine_that_asked_for_a_pause_is_passed_over_until_it_is_over()
    {
        var pool = PoolOf(first, second);
        first.Answer = ScriptedEngine.Failure(FailureKind.Busy, TimeSpan.FromSeconds(30));
        await SpeakAsync(pool);
        first.Answer = ScriptedEngine.Audio;

        await SpeakAsync(pool);
        Assert.Equal((1, 2), (first.Calls, second.Calls));
        time.Advance(TimeSpan.FromSeconds(30));
        await SpeakAsync(pool);
        Assert.Equal((2, 2), (first.Calls, second.Calls));
    }

    [Fact]
    public async Task A_busy_engine_alone_sends_the_task_back_for_as_long_as_it_asked()
    {
        var pool = PoolOf(first);
        first.Answer = ScriptedEngine.Failure(FailureKind.Busy, TimeSpan.FromSeconds(30));
        await SpeakAsync(pool);
        Assert.Equal(0, pool.Room);

        var outcome = await SpeakAsync(pool);

        Assert.Equal((FailureKind.Busy, TimeSpan.FromSeconds(30)), (outcome.Failure!.Kind, outcome.Failure.RetryAfter!.Value));
        Assert.Equal(1, first.Calls);
    }

    [Fact]
    public async Task A_full_engine_is_waited_for_in_the_slot()
    {
        var pool = PoolOf(1, first);
        first.Answer = null;
        var earlier = SpeakAsync(pool);
        var call = await first.NextAsync();
        var later = SpeakAsync(pool);
        Assert.False(later.IsCompleted);

        call.SetResult(ScriptedEngine.Audio);
        (await first.NextAsync()).SetResult(ScriptedEngine.Audio);

        Assert.True((await earlier.SoonAsync()).Succeeded && (await later.SoonAsync()).Succeeded);
    }

    [Fact]
    public async Task An_engine_that_mostly_fails_is_left_alone_and_tried_again_by_one_call()
    {
        var pool = PoolOf(first);
        first.Answer = ScriptedEngine.Failure(FailureKind.Broken);
        var kinds = new List<FailureKind?>();
        for (var i = 0; i < 12; i++)
        {
            kinds.Add((await SpeakAsync(pool)).Failure?.Kind);
        }

        // The first nine could be the fault of their texts; with the tenth the engine is known to be broken, and the task is not at fault.
        Assert.Equal(9, kinds.Count(kind => kind == FailureKind.Broken));
        Assert.Equal(10, first.Calls);
        Assert.Equal(0, pool.Room);

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, pool.Room);
        first.Answer = ScriptedEngine.Audio;
        Assert.True((await SpeakAsync(pool)).Succeeded);
        Assert.Equal(40, pool.Room);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_stopped_and_counts()
    {
        var pool = PoolOf(first);
        first.Answer = null;
        var call = SpeakAsync(pool);
        await first.NextAsync();

        time.Advance(TimeSpan.FromSeconds(300));

        Assert.Equal(EngineFailures.Timeout, (await call.SoonAsync()).Failure);
        Assert.Equal(40, pool.Room);
    }

    [Fact]
    public async Task A_lost_connection_is_tried_once_more_at_once()
    {
        first.Answer = ScriptedEngine.Failure(FailureKind.Away, stage: "connect");
        var call = SpeakAsync(PoolOf(first));
        await time.WaitForTimersAsync();
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(FailureKind.Away, (await call.SoonAsync()).Failure?.Kind);
        Assert.Equal(2, first.Calls);
    }

    [Fact]
    public async Task A_cancelled_call_gives_its_place_back()
    {
        var pool = PoolOf(1, first);
        first.Answer = null;
        using var stop = new CancellationTokenSource();
        var call = pool.SpeakAsync(Ask, stop.Token);
        await first.NextAsync();
        Assert.Equal(0, pool.Room);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(1, pool.Room);
    }

    private static Task<SpeechOutcome> SpeakAsync(EnginePool pool) => pool.SpeakAsync(Ask, TestContext.Current.CancellationToken);

    private EnginePool PoolOf(params ScriptedEngine[] engines) => PoolOf(32, engines);

    private EnginePool PoolOf(int concurrency, params ScriptedEngine[] engines) =>
        new("a pool", [.. engines.Select(engine => LineOf(engine, concurrency, time))], Calls, time);

    private RecordCalls Calls => new(Options.Create(new EnginesOptions()), time, NullLogger<RecordCalls>.Instance);

    internal static EngineLine LineOf(IEngine engine, int concurrency, TimeProvider time) => new(
        engine,
        new LineLimits(concurrency, TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)),
        time,
        NullLogger.Instance);
}
