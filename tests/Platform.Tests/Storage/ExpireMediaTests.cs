using Platform.Storage;
using Platform.Tasks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class ExpireMediaTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IBlobStore Blobs => spine.Get<IBlobStore>();

    [Fact]
    public async Task Deletes_what_has_expired_and_nothing_else()
    {
        var keys = await StoreAsync(2);
        await ExpireAsync(keys[0]);

        await spine.Get<ExpireMedia>().RunAsync(Token);

        Assert.False(File.Exists(spine.PathOf(keys[0])));
        Assert.True(File.Exists(spine.PathOf(keys[1])));
        Assert.True(await IsMarkedAsync(keys[0]));
        Assert.False(await IsMarkedAsync(keys[1]));
    }

    [Fact]
    public async Task Goes_on_where_a_killed_sweep_had_deleted_the_file_but_not_marked_the_row()
    {
        var keys = await StoreAsync(1);
        await ExpireAsync(keys[0]);
        await Blobs.DeleteAsync([keys[0]], Token);

        await spine.Get<ExpireMedia>().RunAsync(Token);

        Assert.True(await IsMarkedAsync(keys[0]));
    }

    [Fact]
    public async Task Sweeps_at_once_do_not_get_in_each_others_way()
    {
        var keys = await StoreAsync(20);
        foreach (var key in keys)
        {
            await ExpireAsync(key);
        }

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(() => spine.Get<ExpireMedia>().RunAsync(Token))));

        Assert.All(keys, key => Assert.False(File.Exists(spine.PathOf(key))));
        Assert.Equal(0L, await spine.AskAsync<long>(
            "select count(*) from task_results where blob_key = any($1) and deleted_at is null", (object)keys.ToArray()));
    }

    [Fact]
    public async Task Takes_more_than_one_batch_in_one_sweep()
    {
        var key = (await StoreAsync(1))[0];
        await spine.ExecuteAsync(
            """
            insert into task_results (task_id, result_index, audio_uuid, cost, size, finished_at, expires_at, blob_key, output_type, item)
            select gen_random_uuid(), 0, gen_random_uuid(), 0, 0, now(), now() - interval '1 s', 'gone/' || n, 'Url', ''
              from generate_series(1, 1100) n
            """);
        await ExpireAsync(key);

        await spine.Get<ExpireMedia>().RunAsync(Token);

        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from task_results where deleted_at is null and expires_at <= now()"));
    }

    private async Task<List<string>> StoreAsync(int count)
    {
        var tenant = await spine.TenantAsync();
        var keys = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var settlement = Sample.Settle(await spine.RunningAsync(tenant), TaskState.Succeeded, 0);
            Assert.True(await spine.Settle.SettleAsync(settlement));
            keys.Add(settlement.Result!.BlobKey);
            await Blobs.WriteAsync(keys[^1], new byte[] { 1, 2, 3 }, Token);
        }

        return keys;
    }

    private Task ExpireAsync(string key) =>
        spine.ExecuteAsync("update task_results set expires_at = now() where blob_key = $1", key);

    private Task<bool> IsMarkedAsync(string key) =>
        spine.AskAsync<bool>("select deleted_at is not null from task_results where blob_key = $1", key);
}
