using Microsoft.Extensions.Options;
using Platform.Storage;
using Platform.Storage.Packs;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class CopyBlobsTests(S3Server server) : IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Copies_everything_under_its_key_and_only_once()
    {
        using var source = new FolderBlobs(Options.Create(new StorageOptions { Folder = folder.Path }), TimeProvider.System);
        using var bucket = new S3Blobs(Options.Create(await OptionsAsync()), TimeProvider.System);
        var packed = await source.AddAsync("audio/ab/small.mp3", BlobStoreTests.Noise(1000), Token);
        var large = await source.AddAsync("audio/ab/large.wav", BlobStoreTests.Noise(400_000), Token);
        await source.WriteAsync("media/cd/voice.wav", BlobStoreTests.Noise(70_000), Token);
        await source.DeleteAsync([await source.AddAsync("audio/ab/gone.mp3", BlobStoreTests.Noise(500), Token)], Token);
        Assert.NotNull(PackKey.Find(packed));
        var copy = new CopyBlobs(source, bucket);

        Assert.Equal((3, 0), await copy.RunAsync(Token));

        foreach (var (key, length) in new[] { (packed, 1000), (large, 400_000), ("media/cd/voice.wav", 70_000) })
        {
            Assert.Equal(BlobStoreTests.Noise(length), await BlobStoreTests.ReadAsync(bucket, key));
        }

        Assert.Equal((0, 3), await copy.RunAsync(Token));
    }

    private async Task<S3Options> OptionsAsync() => new()
    {
        Bucket = S3Server.Bucket,
        Endpoint = await server.EndpointAsync(),
        AccessKey = S3Server.AccessKey,
        SecretKey = S3Server.SecretKey,
        Prefix = $"t{Guid.NewGuid():N}/",
    };
}
