using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Persistence;
using Platform.Storage;
using Platform.Storage.Packs;
using Platform.Tasks;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class SweepOrphansTests(SpineFixture spine, TestPostgres postgres) : IClassFixture<SpineFixture>, IAsyncLifetime
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Another test may have ended in the middle of the listing; and without any tenant nothing is swept.
    public async ValueTask InitializeAsync()
    {
        await spine.ExecuteAsync("delete from sweep_places");
        await spine.TenantAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Deletes_files_of_refused_and_dead_attempts_and_keeps_what_a_row_names()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync(), results: 2);
        var (kept, refused, unknown) = (await FileAsync(task, 0), await FileAsync(task, 0), await FileAsync(task with { TaskId = Guid.NewGuid() }, 0));
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0) with { Result = Sample.Result(task, 0) with { BlobKey = kept } });

        await Sweep().RunAsync(Token);

        Assert.True(IsThere(kept));
        Assert.False(IsThere(refused));
        Assert.False(IsThere(unknown));
    }

    [Fact]
    public async Task Touches_nothing_while_the_database_has_no_tenants_as_before_a_restore()
    {
        var file = await FileAsync(Unknown, 0);
        var connection = await postgres.CreateDatabaseAsync();
        await using (var empty = new Database(connection, maxConnections: 2))
        {
            await MigrateDatabase.ApplyAsync(empty.Durable, NullLogger.Instance, Token);
            await Sweep(database: empty).RunAsync(Token);
            Assert.True(IsThere(file));

            await using var tenant = empty.Durable.CreateCommand(
                "insert into tenants (tenant_id, name, billing, created_at) values (gen_random_uuid(), 'somebody', 'prepaid', now())");
            await tenant.ExecuteNonQueryAsync(Token);
            await Sweep(database: empty).RunAsync(Token);
            Assert.False(IsThere(file));
        }

        await postgres.DropDatabaseAsync(connection);
    }

    [Fact]
    public async Task Deletes_them_out_of_a_pack_that_they_share_with_what_is_kept()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync(), results: 2);
        var unknown = task with { TaskId = Guid.NewGuid() };
        var keys = await Task.WhenAll(new[] { task, task, unknown }.Select(one => spine.Get<IBlobStore>().AddAsync(
            BlobKeys.OfResult(new ResultFile(one.TaskId, (short)one.Attempt, 0, Guid.NewGuid()), 1, "mp3"), new byte[] { 1, 2, 3 }, Token)));
        Assert.All(keys, static key => Assert.NotNull(PackKey.Find(key)));
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0) with { Result = Sample.Result(task, 0) with { BlobKey = keys[0] } });

        await Sweep(time: new Later(TimeSpan.FromHours(7))).RunAsync(Token);

        var readable = await Task.WhenAll(keys.Select(IsReadableAsync));
        Assert.Equal([true, false, false], readable);
    }

    [Fact]
    public async Task Keeps_the_file_of_an_attempt_that_may_still_settle_and_deletes_that_of_the_attempt_before()
    {
        var task = await spine.RunningAsync(await spine.TenantAsync());
        var (current, before) = (await FileAsync(task with { Attempt = 1 }, 0), await FileAsync(task with { Attempt = 0 }, 0));

        await Sweep().RunAsync(Token);

        Assert.True(IsThere(current));
        Assert.False(IsThere(before));
    }

    [Fact]
    public async Task Keeps_young_files_and_names_that_are_not_ours()
    {
        var young = await FileAsync(Unknown, 0, hours: 5.9);
        var foreign = "audio/ab/notes.txt";
        await WriteAsync(foreign, hours: 100);

        await Sweep().RunAsync(Token);

        Assert.True(IsThere(young));
        Assert.True(IsThere(foreign));
    }

    [Fact]
    public async Task Deletes_media_without_a_row()
    {
        var orphan = BlobKeys.OfMedium(Guid.NewGuid(), 1, "wav");
        await WriteAsync(orphan, hours: 7);

        await Sweep().RunAsync(Token);

        Assert.False(IsThere(orphan));
    }

    [Fact]
    public async Task Looks_at_a_bounded_number_and_goes_on_behind_them_the_next_time()
    {
        var keys = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            keys.Add(await FileAsync(Unknown, (short)i));
        }

        var sweep = Sweep(most: 3);
        await sweep.RunAsync(Token);
        Assert.InRange(keys.Count(IsThere), 4, 7);
        for (var i = 0; i < 20; i++)
        {
            await sweep.RunAsync(Token);
        }

        Assert.DoesNotContain(keys, IsThere);
    }

    private static ClaimedTask Unknown => new()
    {
        TaskId = Guid.NewGuid(), TenantId = Guid.NewGuid(), TaskUuid = Guid.NewGuid(), Model = "", LeaseToken = Guid.NewGuid(), Attempt = 1,
        NumberResults = 1, PricePerResult = 1, Seed = 1, Deadline = DateTimeOffset.MaxValue, Request = [], Finished = [],
    };

    private SweepOrphans Sweep(int most = 10_000, TimeProvider? time = null, Database? database = null) => new(
        database ?? spine.Database, spine.Get<IBlobStore>(), Options.Create(new StorageOptions { OrphansPerSweep = most }), time ?? TimeProvider.System,
        NullLogger<SweepOrphans>.Instance);

    private async Task<bool> IsReadableAsync(string key)
    {
        await using var blob = await spine.Get<IBlobStore>().OpenAsync(key, Token);
        return blob is not null;
    }

    private bool IsThere(string key) => File.Exists(spine.PathOf(key));

    private async Task<string> FileAsync(ClaimedTask task, short index, double hours = 7)
    {
        var key = BlobKeys.OfResult(new ResultFile(task.TaskId, (short)task.Attempt, index, Guid.NewGuid()), 1, "mp3");
        await WriteAsync(key, hours);
        return key;
    }

    private async Task WriteAsync(string key, double hours)
    {
        await spine.Get<IBlobStore>().WriteAsync(key, new byte[] { 1 }, Token);
        File.SetLastWriteTimeUtc(spine.PathOf(key), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-hours));
    }

    /// <summary>A blob in a pack is as old as its own header says, which no file system can be asked to change.</summary>
    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
