using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class VerifiedBlobsTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FolderBlobs store;
    private readonly VerifiedBlobs blobs;

    public VerifiedBlobsTests()
    {
        store = new FolderBlobs(Options.Create(new StorageOptions { Folder = folder.Path, FlushToDisk = false }), TimeProvider.System);
        blobs = new VerifiedBlobs(store, TimeProvider.System, NullLogger<VerifiedBlobs>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void The_digest_is_crc_32c_however_the_bytes_come()
    {
        // The check value of CRC-32/ISCSI in the catalogue of parametrised CRC algorithms.
        Assert.Equal(0xE3069283u, BlobDigest.Of("123456789"u8));
        var digest = new BlobDigest();
        digest.Append("1234"u8);
        digest.Append("56789"u8);
        Assert.Equal(0xE3069283u, digest.Value);
        Assert.Equal(0u, BlobDigest.Of([]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(VerifiedBlobs.Small)]
    [InlineData(VerifiedBlobs.Small + 1)]
    [InlineData(1_000_000)]
    public async Task Whole_files_are_given_out_small_or_large(int length)
    {
        var (key, bytes) = await StoreAsync(length);

        using var blob = (await blobs.OpenAsync(key, Token))!;

        Assert.Equal(length, blob.Length);
        Assert.Equal(bytes, blob.Stream is null ? blob.Buffer.ToArray() : await AllAsync(blob.Stream));
        Assert.Equal(bytes, await blobs.ReadAsync(key, Token));
        await using var stream = (await blobs.OpenStreamAsync(key, Token))!;
        Assert.Equal(bytes, await AllAsync(stream));
    }

    [Theory]
    [InlineData(1000, 0)]
    [InlineData(1000, 999)]
    [InlineData(1_000_000, 999_999)]
    public async Task One_changed_bit_is_found_before_a_byte_is_given_out(int length, int at)
    {
        var (key, bytes) = await StoreAsync(length);
        bytes[at] ^= 1;
        await File.WriteAllBytesAsync(folder[key], bytes, Token);

        await Assert.ThrowsAsync<DamagedBlobException>(() => blobs.OpenAsync(key, Token));
        await Assert.ThrowsAsync<DamagedBlobException>(() => blobs.OpenStreamAsync(key, Token));
        await Assert.ThrowsAsync<DamagedBlobException>(() => blobs.ReadAsync(key, Token));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public async Task A_file_that_was_cut_is_damaged(int length)
    {
        var (key, bytes) = await StoreAsync(length);
        await File.WriteAllBytesAsync(folder[key], bytes[..^1], Token);

        await Assert.ThrowsAsync<DamagedBlobException>(() => blobs.OpenAsync(key, Token));
    }

    [Fact]
    public async Task What_is_gone_is_gone()
    {
        Assert.Null(await blobs.OpenAsync("audio/ab/gone.mp3", Token));
        Assert.Null(await blobs.OpenStreamAsync("audio/ab/gone.mp3", Token));
        Assert.Null(await blobs.ReadAsync("audio/ab/gone.mp3", Token));
    }

    private async Task<(string Key, byte[] Bytes)> StoreAsync(int length)
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789", (length / 10) + 1)))[..length];
        var key = BlobKeys.OfMedium(Guid.NewGuid(), BlobDigest.Of(bytes), "wav");
        await store.WriteAsync(key, bytes, Token);
        return (key, bytes);
    }

    private static async Task<byte[]> AllAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Token);
        return all.ToArray();
    }
}
