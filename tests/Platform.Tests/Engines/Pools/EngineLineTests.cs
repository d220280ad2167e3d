using Platform.Engines;
using Platform.Engines.Pools;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Engines.Pools;

/// <summary>When an engine that can be probed takes work.</summary>
public sealed class EngineLineTests
{
    private readonly ManualTime time = new();
    private readonly ScriptedEngine engine = new("gpu_a") { HasProbe = true };

    [Fact]
    public async Task Takes_nothing_before_its_server_has_loaded()
    {
        var line = LineOf();
        Assert.Equal((false, 0), (line.IsOpen, line.Room));

        engine.Fault = "/health answers 503.";
        Assert.False(await ProbeAsync(line));
        Assert.Equal((false, "/health answers 503."), (line.IsOpen, line.WaitsFor!));

        engine.Fault = null;
        Assert.True(await ProbeAsync(line));
        Assert.Equal((true, 10), (line.IsOpen, line.Room));
        Assert.Null(line.WaitsFor);
    }

    [Fact]
    public async Task Forgives_one_probe_that_a_busy_server_missed_but_not_two()
    {
        var line = LineOf();
        await ProbeAsync(line);
        engine.Fault = "/health does not answer within 3 s.";

        await ProbeAsync(line);
        Assert.True(line.IsOpen);
        await ProbeAsync(line);
        Assert.False(line.IsOpen);
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_takes_nothing_from_that_call_on()
    {
        var line = LineOf();
        await ProbeAsync(line);
        engine.Answer = ScriptedEngine.Failure(FailureKind.Away);

        await SpeakAsync(line);

        Assert.Equal(0, line.Room);
        await ProbeAsync(line);
        Assert.Equal(10, line.Room);
    }

    [Fact]
    public async Task A_full_disk_of_the_worker_says_nothing_about_the_server()
    {
        var line = LineOf();
        await ProbeAsync(line);
        engine.Answer = ScriptedEngine.Failure(FailureKind.Away, stage: "read");

        await SpeakAsync(line);

        Assert.True(line.IsOpen);
    }

    [Fact]
    public async Task A_probe_that_succeeds_after_an_outage_ends_the_break_at_once()
    {
        var line = LineOf();
        await ProbeAsync(line);
        engine.Answer = ScriptedEngine.Failure(FailureKind.Broken);
        for (var i = 0; i < 10; i++)
        {
            await SpeakAsync(line);
        }

        Assert.False(line.IsOpen);
        engine.Fault = "It cannot be reached (ConnectionError).";
        await ProbeAsync(line);
        await ProbeAsync(line);
        (engine.Fault, engine.Answer) = (null, ScriptedEngine.Audio);

        await ProbeAsync(line);

        Assert.Equal(10, line.Room);
        Assert.True((await SpeakAsync(line)).Succeeded);
    }

    [Fact]
    public async Task Is_doubted_while_it_is_left_alone_or_tried_again_and_not_while_it_loads()
    {
        var line = LineOf();
        Assert.Equal((false, false), (line.IsOpen, line.IsDoubted));
        await ProbeAsync(line);
        Assert.False(line.IsDoubted);
        engine.Answer = ScriptedEngine.Failure(FailureKind.Broken);
        for (var i = 0; i < 10; i++)
        {
            await SpeakAsync(line);
        }

        Assert.True(line.IsDoubted);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(line.IsDoubted);
        engine.Answer = null;
        var trial = SpeakAsync(line);
        var call = await engine.NextAsync();
        Assert.Equal((true, true), (line.IsOpen, line.IsDoubted));

        call.SetResult(ScriptedEngine.Audio);
        Assert.True((await trial).Succeeded);
        Assert.False(line.IsDoubted);
    }

    [Fact]
    public async Task A_healthy_page_ends_no_break_of_a_server_whose_calls_fail()
    {
        var line = LineOf();
        await ProbeAsync(line);
        engine.Answer = ScriptedEngine.Failure(FailureKind.Broken);
        for (var i = 0; i < 10; i++)
        {
            await SpeakAsync(line);
        }

        await ProbeAsync(line);

        Assert.False(line.IsOpen);
    }

    [Fact]
    public async Task Is_watched_each_second_while_away_and_rarely_while_well()
    {
        var line = LineOf();
        engine.Fault = "loading";
        using var stop = new CancellationTokenSource();
        var watching = line.WatchAsync(stop.Token);
        await time.WaitForTimersAsync();
        Assert.False(line.IsOpen);

        engine.Fault = null;
        time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => line.IsOpen);
        await time.WaitForTimersAsync();

        // One look a second would already have been made twice.
        engine.Fault = "gone";
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.True(line.IsOpen);

        await stop.CancelAsync();
        await watching.ContinueWith(static _ => { }, TaskScheduler.Default).SoonAsync();
    }

    private EngineLine LineOf() => EnginePoolTests.LineOf(engine, 8, time);

    private static Task<bool> ProbeAsync(EngineLine line) => line.ProbeAsync(TestContext.Current.CancellationToken);

    private static async Task<SpeechOutcome> SpeakAsync(EngineLine line)
    {
        Assert.True(line.TryEnter());
        return await line.SpeakAsync(Requests.Of("Hello."), TestContext.Current.CancellationToken);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
