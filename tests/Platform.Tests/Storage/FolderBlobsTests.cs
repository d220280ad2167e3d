using Microsoft.Extensions.Options;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Storage;

/// <summary>What is the folder's own beside what every store does.</summary>
public sealed class FolderBlobsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FolderBlobs blobs;

    public FolderBlobsTests() => blobs = Over(folder["media"]);

    private static CancellationToken None => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        blobs.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Never_writes_over_a_file_that_is_there()
    {
        await blobs.WriteAsync("audio/ab/one.mp3", new byte[] { 1 }, None);

        await Assert.ThrowsAsync<IOException>(() => blobs.WriteAsync("audio/ab/one.mp3", new byte[] { 2 }, None));

        Assert.Equal([1], File.ReadAllBytes(folder["media/audio/ab/one.mp3"]));
    }

    [Fact]
    public async Task Many_writers_may_make_the_same_new_folder_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => blobs.WriteAsync($"audio/ab/{i}.mp3", new byte[] { 1 }, None))));

        Assert.Equal(50, Directory.GetFiles(folder["media/audio/ab"]).Length);
    }

    [Fact]
    public async Task A_full_disk_leaves_no_half_file_and_is_said_at_the_start()
    {
        await using var disk = await SmallDisk.MountAsync(folder["small"], kilobytes: 64);
        var store = Over(folder["small"]);
        Assert.Null(await store.FindFaultAsync(None));

        await Assert.ThrowsAnyAsync<IOException>(() => store.WriteAsync("audio/ab/big.wav", new byte[200_000], None));

        Assert.False(File.Exists(folder["small/audio/ab/big.wav"]));
        await store.WriteAsync("audio/ab/small.wav", new byte[64 * 1024], None);
        Assert.Equal(
            $"Files cannot be stored in {folder["small"]} (",
            (await store.FindFaultAsync(None))?[..$"Files cannot be stored in {folder["small"]} (".Length]);
        Assert.Empty(Directory.GetFiles(folder["small"]));
    }

    [Fact]
    public async Task A_full_disk_leaves_nothing_of_what_was_added_to_a_pack_and_all_that_was_there()
    {
        await using var disk = await SmallDisk.MountAsync(folder["small"], kilobytes: 128);
        using var store = Over(folder["small"]);
        var first = await store.AddAsync("audio/ab/first.wav", BlobStoreTests.Noise(10_000), None);

        await Assert.ThrowsAnyAsync<IOException>(() => store.AddAsync("audio/ab/big.wav", BlobStoreTests.Noise(200_000), None));

        var second = await store.AddAsync("audio/ab/second.wav", BlobStoreTests.Noise(10_000), None);
        Assert.Equal(BlobStoreTests.Noise(10_000), await BlobStoreTests.ReadAsync(store, first));
        Assert.Equal(BlobStoreTests.Noise(10_000), await BlobStoreTests.ReadAsync(store, second));
        Assert.Equal(((string[])[first, second]).Order(StringComparer.Ordinal), await StoredFile.ListAsync(folder["small"]), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_can_be_used_is_made_and_left_clean()
    {
        Assert.Null(await blobs.FindFaultAsync(None));

        Assert.Empty(Directory.GetFileSystemEntries(folder["media"]));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named_with_what_to_do()
    {
        File.WriteAllText(folder["file"], "in the way");

        var fault = await Over(folder["file/media"]).FindFaultAsync(None);

        Assert.Contains(folder["file/media"], fault, StringComparison.Ordinal);
        Assert.Contains("set Storage:Folder", fault, StringComparison.Ordinal);
    }

    private static FolderBlobs Over(string path) => new(Options.Create(new StorageOptions { Folder = path }), TimeProvider.System);
}
