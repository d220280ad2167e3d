using Platform.Api;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Api;

public sealed class PublicMediaTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_believed_in_for_a_second_and_no_longer()
    {
        var media = new PublicMedia(spine.Database, time);
        var uuid = await StoredAsync();
        Assert.Equal("audio/aa/one.mp3", (await media.FindAsync(uuid, Token))!.BlobKey);
        await spine.ExecuteAsync("update task_results set deleted_at = now() where audio_uuid = $1", uuid);

        time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.NotNull(await media.FindAsync(uuid, Token));
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Null(await media.FindAsync(uuid, Token));
    }

    [Fact]
    public async Task One_that_was_deleted_here_is_gone_at_once()
    {
        var media = new PublicMedia(spine.Database, time);
        var uuid = await StoredAsync();
        await media.FindAsync(uuid, Token);
        await spine.ExecuteAsync("update task_results set deleted_at = now() where audio_uuid = $1", uuid);

        media.Forget(uuid);

        Assert.Null(await media.FindAsync(uuid, Token));
    }

    [Fact]
    public async Task What_was_not_there_is_found_as_soon_as_it_is()
    {
        var media = new PublicMedia(spine.Database, time);
        var uuid = Guid.NewGuid();
        Assert.Null(await media.FindAsync(uuid, Token));

        await StoredAsync(uuid);

        Assert.NotNull(await media.FindAsync(uuid, Token));
    }

    [Fact]
    public async Task However_many_ask_for_links_that_lead_nowhere_they_take_one_connection()
    {
        var media = new PublicMedia(spine.Database, time);
        var uuid = await StoredAsync();
        await using var other = new Npgsql.NpgsqlConnection(spine.ConnectionString);
        await other.OpenAsync(Token);
        await using var transaction = await other.BeginTransactionAsync(Token);
        await using (var hold = new Npgsql.NpgsqlCommand("lock table task_results in access exclusive mode", other))
        {
            await hold.ExecuteNonQueryAsync(Token);
        }

        var misses = Enumerable.Range(0, 40).Select(_ => media.FindAsync(Guid.NewGuid(), Token).AsTask()).ToList();
        var hit = media.FindAsync(uuid, Token).AsTask();
        await Poll.UntilAsync("one of them asks", async () => await WaitingAsync() > 0);
        Assert.Equal(1L, await WaitingAsync());
        await transaction.CommitAsync(Token);

        Assert.All(await Task.WhenAll(misses).SoonAsync(), Assert.Null);
        Assert.NotNull(await hit.SoonAsync());
    }

    private Task<long> WaitingAsync() => spine.AskAsync<long>(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");

    private async Task<Guid> StoredAsync(Guid? uuid = null)
    {
        var id = uuid ?? Guid.NewGuid();
        await spine.ExecuteAsync(
            """
            insert into task_results (task_id, result_index, audio_uuid, cost, size, finished_at, expires_at, blob_key, output_type, item)
            values (gen_random_uuid(), 0, $1, 100, 1, now(), now() + interval '1 day', 'audio/aa/one.mp3', 'Url', '')
            """,
            id);
        return id;
    }
}
