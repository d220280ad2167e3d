using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Ledger.Reconciliation;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Reconciliation;

public sealed class NightlyTests(SpineFixture spine) : IClassFixture<SpineFixture>, IDisposable
{
    private readonly ManualTime time = new();
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Of_several_schedulers_one_makes_the_night_and_all_know_its_figures()
    {
        time.Advance(UntilHour(2));
        using var meters = new Meters(time);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Nightly(meters[i]).RunAsync(Token))));
        await Nightly(meters[0]).RunAsync(Token);

        Assert.Equal(1L, await CountAsync());
        Assert.Equal(".csv .html .json", string.Join(' ', Directory.GetFiles(folder.Path).Select(Path.GetExtension).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Before_its_hour_there_is_none_and_a_missed_hour_is_made_up_for()
    {
        using var meters = new Meters(time);
        time.Advance(UntilHour(1) + TimeSpan.FromDays(10));
        await Nightly(meters[0]).RunAsync(Token);
        Assert.Equal(0L, await CountAsync());

        time.Advance(TimeSpan.FromHours(20));
        await Nightly(meters[0]).RunAsync(Token);

        Assert.Equal(1L, await CountAsync());
        Assert.Equal(
            time.GetUtcNow().UtcDateTime.Date.AddDays(-2),
            (await spine.AskAsync<DateTime>("select max(period_from) from reconciliations where night = $1", Night)).ToUniversalTime());
    }

    [Fact]
    public async Task One_that_was_killed_on_the_way_is_made_again()
    {
        time.Advance(UntilHour(5) + TimeSpan.FromDays(20));
        await spine.ExecuteAsync(
            """
            insert into reconciliations (reconciliation_id, started_at, actor, period_from, period_to, night)
            values (gen_random_uuid(), $1, 'scheduler', $1, $1, $2)
            """,
            time.GetUtcNow().AddHours(-3), Night);
        using var meters = new Meters(time);

        await Nightly(meters[0]).RunAsync(Token);

        Assert.Equal(1L, await spine.AskAsync<long>("select count(*) from reconciliations where night = $1 and report is not null", Night));
    }

    private DateOnly Night => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private TimeSpan UntilHour(int hour) => time.GetUtcNow().UtcDateTime.Date.AddDays(1).AddHours(hour) - time.GetUtcNow().UtcDateTime;

    private Task<long> CountAsync() => spine.AskAsync<long>("select count(*) from reconciliations where night = $1", Night);

    private ReconcileNightly Nightly(ReconcileMeter meter) => new(
        new Reconcile([], spine.Database, time, NullLogger<Reconcile>.Instance),
        new NewestReconciliation(new ReadReconciliations(spine.Database), meter),
        spine.Database,
        Options.Create(new ReconcileOptions { Folder = folder.Path }), time);

    private sealed class Meters(TimeProvider time) : IDisposable
    {
        private readonly ReconcileMeter[] meters = [.. Enumerable.Range(0, 4).Select(_ => new ReconcileMeter(time))];

        public ReconcileMeter this[int i] => meters[i];

        public void Dispose() => Array.ForEach(meters, static meter => meter.Dispose());
    }
}
