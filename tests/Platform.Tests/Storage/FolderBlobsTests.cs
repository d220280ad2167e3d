using Microsoft.Extensions.Options;
using Platform.Persistence.Embedded;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class FolderBlobsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FolderBlobs blobs;

    public FolderBlobsTests() => blobs = Over(folder["media"]);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gives_back_what_was_written(bool flush)
    {
        var bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        var store = Over(folder["media"], flush);

        await store.WriteAsync("audio/ab/one.mp3", bytes);

        Assert.Equal(bytes, File.ReadAllBytes(store.Find("audio/ab/one.mp3")!.FullName));
        Assert.Null(store.Find("audio/ab/other.mp3"));
        Assert.Null(store.Find("audio/cd/one.mp3"));
    }

    [Fact]
    public async Task Never_writes_over_a_file_that_is_there()
    {
        await blobs.WriteAsync("audio/ab/one.mp3", new byte[] { 1 });

        await Assert.ThrowsAsync<IOException>(() => blobs.WriteAsync("audio/ab/one.mp3", new byte[] { 2 }));

        Assert.Equal([1], File.ReadAllBytes(blobs.Find("audio/ab/one.mp3")!.FullName));
    }

    [Fact]
    public async Task Deletes_what_is_there_and_does_not_mind_what_is_gone()
    {
        await blobs.WriteAsync("audio/ab/one.mp3", new byte[] { 1 });

        blobs.Delete("audio/ab/one.mp3");
        blobs.Delete("audio/ab/one.mp3");
        blobs.Delete("audio/never/one.mp3");

        Assert.Null(blobs.Find("audio/ab/one.mp3"));
    }

    [Fact]
    public async Task Many_writers_may_make_the_same_new_folder_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => blobs.WriteAsync($"audio/ab/{i}.mp3", new byte[] { 1 }))));

        Assert.Equal(50, Directory.GetFiles(folder["media/audio/ab"]).Length);
    }

    [Fact]
    public async Task A_full_disk_leaves_no_half_file_and_is_said_at_the_start()
    {
        await using var disk = await SmallDisk.MountAsync(folder["small"], kilobytes: 64);
        var store = Over(folder["small"]);
        Assert.Null(store.FindFault());

        await Assert.ThrowsAnyAsync<IOException>(() => store.WriteAsync("audio/ab/big.wav", new byte[200_000]));

        Assert.Null(store.Find("audio/ab/big.wav"));
        await store.WriteAsync("audio/ab/small.wav", new byte[64 * 1024]);
        Assert.Equal(
            $"Files cannot be stored in {folder["small"]} (",
            store.FindFault()?[..$"Files cannot be stored in {folder["small"]} (".Length]);
        Assert.Empty(Directory.GetFiles(folder["small"]));
    }

    [Fact]
    public void A_folder_that_can_be_used_is_made_and_left_clean()
    {
        Assert.Null(blobs.FindFault());

        Assert.Empty(Directory.GetFileSystemEntries(folder["media"]));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named_with_what_to_do()
    {
        File.WriteAllText(folder["file"], "in the way");

        var fault = Over(folder["file/media"]).FindFault();

        Assert.Contains(folder["file/media"], fault, StringComparison.Ordinal);
        Assert.Contains("set Storage:Folder", fault, StringComparison.Ordinal);
    }

    private static FolderBlobs Over(string path, bool flush = true) =>
        new(Options.Create(new StorageOptions { Folder = path, FlushToDisk = flush }));

    /// <summary>A file system of a few kilobytes in memory, which only root can mount.</summary>
    private sealed class SmallDisk(string path) : IAsyncDisposable
    {
        public static async Task<SmallDisk> MountAsync(string path, int kilobytes)
        {
            Directory.CreateDirectory(path);
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
            await RunTool.ReadAsync(
                ["mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", path], TestContext.Current.CancellationToken);
            return new SmallDisk(path);
        }

        public async ValueTask DisposeAsync() => await RunTool.ReadAsync(["umount", path], CancellationToken.None);
    }
}
