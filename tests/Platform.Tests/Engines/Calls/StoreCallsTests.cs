using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Engines;
using Platform.Engines.Calls;
using Platform.Persistence;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Engines.Calls;

public sealed class StoreCallsTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Fact]
    public async Task Stores_every_call_with_its_task_and_what_it_has_no_figure_for_as_nothing()
    {
        var calls = Calls();
        var origin = new CallOrigin(Guid.NewGuid(), Guid.NewGuid(), 3, 2);
        var engine = $"gpu_{Guid.NewGuid():N}";
        calls.Options.Instances[engine] = new EngineInstance { CostPerMillionCharacters = 1_000_000 };
        for (var i = 0; i < 1500; i++)
        {
            calls.Record.Record("a pool", engine, Requests.Of("Hello.") with { Origin = i == 0 ? null : origin }, Spoken, 0);
        }

        var rest = new List<EngineCall>();
        await new StoreCalls(calls.Record, spine.Database, TimeProvider.System, NullLogger<StoreCalls>.Instance).DrainAsync(rest);

        Assert.Empty(rest);
        Assert.Equal("1500 1499 3 2 9000 100 ok", await spine.AskAsync<string>(
            """
            select concat_ws(' ', count(*), count(task_id), max(result_index), max(attempt), sum(cost), max(audio_ms), max(outcome))
              from engine_calls where engine = $1 and first_audio_ms is null and request_id is null
            """,
            engine));
    }

    [Fact]
    public async Task What_is_older_than_the_retention_is_forgotten_and_nothing_else()
    {
        var calls = Calls();
        var engine = $"gpu_{Guid.NewGuid():N}";
        calls.Options.Instances[engine] = new EngineInstance();
        for (var i = 0; i < 3; i++)
        {
            calls.Record.Record("a pool", engine, Requests.Of("Hello."), Spoken, 0);
        }

        await new StoreCalls(calls.Record, spine.Database, TimeProvider.System, NullLogger<StoreCalls>.Instance).DrainAsync([]);
        await spine.ExecuteAsync(
            "update engine_calls set at = at - interval '11 days' where ctid in (select ctid from engine_calls where engine = $1 limit 2)", engine);

        await new ForgetCalls(spine.Database, Options.Create(new EnginesOptions { CallRetentionDays = 10 })).RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(1, await spine.AskAsync<long>("select count(*) from engine_calls where engine = $1", engine));
    }

    [Fact]
    public async Task Keeps_what_the_database_does_not_take_for_the_next_time()
    {
        var calls = Calls();
        calls.Options.Instances["gpu_a"] = new EngineInstance();
        calls.Record.Record("a pool", "gpu_a", Requests.Of("Hello."), Spoken, 0);
        await using var away = new Database("Host=/not-there;Username=nobody;Timeout=1", maxConnections: 1);
        var rest = new List<EngineCall>();

        await new StoreCalls(calls.Record, away, TimeProvider.System, NullLogger<StoreCalls>.Instance).DrainAsync(rest);

        Assert.Single(rest);
    }

    private static SpeechOutcome Spoken => SpeechOutcome.Of(new Pcm(new short[2400], 24_000));

    private static (EnginesOptions Options, RecordCalls Record) Calls()
    {
        var options = new EnginesOptions();
        return (options, new RecordCalls(Options.Create(options), TimeProvider.System, NullLogger<RecordCalls>.Instance));
    }
}
