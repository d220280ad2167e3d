using System.Globalization;
using Microsoft.Extensions.Options;
using Platform.Persistence.Embedded;
using Platform.Storage;
using Platform.Storage.Packs;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Storage.Packs;

/// <summary>What packs do beside what every store does: share files, give room back, and survive whoever wrote them.</summary>
public sealed class PackTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ManualTime time = new();
    private readonly FolderBlobs blobs;

    public PackTests() => blobs = New();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string[] Packs => Directory.Exists(folder["audio"]) ? Directory.GetFiles(folder["audio"], "*.pack", SearchOption.AllDirectories) : [];

    public void Dispose()
    {
        blobs.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Many_small_blobs_share_a_file_and_large_ones_do_not()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => AddAsync(i, 2500)));
        var large = await AddAsync(50, PackWriter.LargestBlob + 1);

        Assert.Single(Packs);
        Assert.All(keys, key => Assert.Equal(Packs[0], folder[PackKey.Find(key)!.Value.File]));
        Assert.Null(PackKey.Find(large));
        Assert.True(File.Exists(folder[large]));
    }

    [Fact]
    public async Task A_deleted_blob_gives_its_room_back_and_reads_as_nothing()
    {
        var (kept, gone) = (await AddAsync(0, 2500), await AddAsync(1, 200_000));
        var before = await BlocksAsync();

        await blobs.DeleteAsync([gone], Token);

        Assert.InRange(before - await BlocksAsync(), 200_000 / 512, long.MaxValue);
        var bytes = await File.ReadAllBytesAsync(Packs[0], Token);
        var start = PackKey.Find(gone)!.Value.Block * PackItem.Block;
        Assert.All(bytes[start..(start + 200_000)], static one => Assert.Equal(0, one));
        Assert.NotNull(await BlobStoreTests.ReadAsync(blobs, kept));
    }

    [Fact]
    public async Task The_last_blob_takes_its_closed_pack_along()
    {
        string[] keys = [await AddAsync(0), await AddAsync(1)];
        blobs.Dispose();

        using var other = New();
        await other.DeleteAsync([keys[0]], Token);
        Assert.Single(Packs);
        await other.DeleteAsync([keys[1]], Token);

        Assert.Empty(Packs);
    }

    [Fact]
    public async Task A_pack_that_is_written_to_stays_however_empty_and_goes_when_it_is_closed()
    {
        using var other = New();
        await other.DeleteAsync([await AddAsync(0)], Token);
        Assert.Single(Packs);

        var next = await AddAsync(1);
        Assert.NotNull(await BlobStoreTests.ReadAsync(other, next));
        await other.DeleteAsync([next], Token);
        blobs.Dispose();

        Assert.Empty(Packs);
    }

    [Fact]
    public async Task Another_hour_has_another_pack()
    {
        await AddAsync(0);
        time.Advance(TimeSpan.FromMinutes(59));
        await AddAsync(1);
        Assert.Single(Packs);

        time.Advance(TimeSpan.FromMinutes(1));
        await AddAsync(2);

        Assert.Equal(2, Packs.Length);
    }

    [Fact]
    public async Task A_pack_that_was_moved_away_gets_nothing_more()
    {
        await AddAsync(0);
        File.Move(Packs[0], Packs[0] + "-away");

        var key = await AddAsync(1);

        Assert.NotNull(await BlobStoreTests.ReadAsync(blobs, key));
    }

    [Fact]
    public async Task What_a_killed_writer_left_is_listed_with_its_time_and_can_be_deleted()
    {
        time.Advance(TimeSpan.FromDays(1));
        var key = await AddAsync(0);
        await TearAsync();
        using var other = New();

        var found = Assert.Single(await FoundAsync(other));
        Assert.Equal((key, time.GetUtcNow().ToUnixTimeMilliseconds()), (found.Key, found.WrittenAt.ToUnixTimeMilliseconds()));
        Assert.NotNull(await BlobStoreTests.ReadAsync(other, key));
        await other.DeleteAsync([key], Token);

        Assert.Empty(await FoundAsync(other, static found => PackKey.Find(found.Key) is not null));
    }

    [Fact]
    public async Task An_empty_pack_is_listed_under_its_own_name_and_deleted_by_it_only_while_it_is_empty()
    {
        var key = await AddAsync(0);
        var pack = PackKey.Find(key)!.Value.File;
        blobs.Dispose();
        using var other = New();
        await other.DeleteAsync([pack], Token);
        Assert.NotNull(await BlobStoreTests.ReadAsync(other, key));

        await File.WriteAllBytesAsync(Packs[0], new byte[PackItem.Block], Token);
        Assert.Equal(pack, Assert.Single(await FoundAsync(other)).Key);
        await other.DeleteAsync([pack], Token);

        Assert.Empty(Packs);
    }

    [Fact]
    public async Task Another_blob_in_the_same_place_is_not_taken_for_the_one_that_was_asked_for()
    {
        var key = PackKey.Find(await AddAsync(0))!.Value;

        Assert.Null(await blobs.OpenAsync((key with { Name = "other.mp3" }).ToString(), Token));
        Assert.Null(await blobs.OpenAsync((key with { Block = 1 }).ToString(), Token));
        Assert.Null(await blobs.OpenAsync((key with { Pack = Guid.NewGuid().ToString("N") }).ToString(), Token));
    }

    [Fact]
    public async Task A_reader_is_told_when_its_blob_is_deleted_under_it_and_gets_no_zeros()
    {
        var key = await AddAsync(0, 100_000);
        await using var stream = (await blobs.OpenAsync(key, Token))!;
        await stream.ReadExactlyAsync(new byte[50_000], Token);

        await blobs.DeleteAsync([key], Token);

        await Assert.ThrowsAsync<IOException>(async () => await stream.ReadExactlyAsync(new byte[10], Token));
    }

    private FolderBlobs New() => new(Options.Create(new StorageOptions { Folder = folder.Path }), time);

    private Task<string> AddAsync(int number, int length = 2500) =>
        blobs.AddAsync($"audio/ab/blob-{number:d3}.mp3", BlobStoreTests.Noise(length), Token);

    private async Task<long> BlocksAsync() =>
        long.Parse(await RunTool.ReadAsync(["stat", "-c", "%b", Packs[0]], Token), CultureInfo.InvariantCulture);

    // The end of a batch that a crash of the machine cut off: bytes without their header.
    private async Task TearAsync()
    {
        await using var file = new FileStream(Packs[0], FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = 2 * PackItem.Block;
        await file.WriteAsync(BlobStoreTests.Noise(5000), Token);
    }

    private static async Task<List<FoundBlob>> FoundAsync(FolderBlobs store, Func<FoundBlob, bool>? wanted = null)
    {
        var all = new List<FoundBlob>();
        await foreach (var found in store.ListAsync("audio/", "", Token))
        {
            if (wanted?.Invoke(found) ?? true)
            {
                all.Add(found);
            }
        }

        return all;
    }
}
