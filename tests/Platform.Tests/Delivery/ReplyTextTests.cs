using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Delivery;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Delivery;

public sealed class ReplyTextTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FolderBlobs store;
    private readonly VerifiedBlobs blobs;

    public ReplyTextTests()
    {
        store = new FolderBlobs(Options.Create(new StorageOptions { Folder = folder.Path, FlushToDisk = false }), TimeProvider.System);
        blobs = new VerifiedBlobs(store, TimeProvider.System, NullLogger<VerifiedBlobs>.Instance);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(48 * 1024)]
    [InlineData((48 * 1024) + 1)]
    [InlineData(200_000)]
    public async Task Audio_is_put_in_where_it_belongs_and_the_length_is_known_before(int length)
    {
        var (bytes, audio) = await StoreAsync(length);
        var writer = new ReplyWriter(4);
        writer.Add(new ReplyText([Bytes("{\"a\":\""), new ReplyPiece(default, audio), Bytes("\",\"b\":\"")]));
        writer.Add([new ReplyPiece(default, audio), Bytes("\"}")]);

        var text = writer.ToText();
        var written = await text.ToArrayAsync();

        Assert.Equal(text.Length, written.Length);
        Assert.True(text.HasAudio);
        Assert.Equal(15, text.Held);
        using var json = JsonDocument.Parse(written);
        Assert.Equal(bytes, json.RootElement.GetProperty("a").GetBytesFromBase64());
        Assert.Equal(bytes, json.RootElement.GetProperty("b").GetBytesFromBase64());
    }

    [Fact]
    public async Task Without_audio_it_is_its_bytes()
    {
        var writer = new ReplyWriter(1);
        writer.Add("{}"u8.ToArray());

        var text = writer.ToText();

        Assert.Equal("{}", Encoding.UTF8.GetString(await text.ToArrayAsync()));
        Assert.Equal((false, 2, 2L), (text.HasAudio, text.Held, text.Length));
        Assert.Empty(text.Rest);
    }

    [Fact]
    public async Task Its_beginning_can_be_another()
    {
        var (_, audio) = await StoreAsync(3);
        var text = new ReplyText([Bytes("{\"a\":\""), new ReplyPiece(default, audio), Bytes("\"}")]);

        Assert.StartsWith("{\"s\":1,\"a\":\"", await TextOfAsync(text.WithStart("{\"s\":1,\"a\":\""u8.ToArray())), StringComparison.Ordinal);
        Assert.Equal("[]", await TextOfAsync(((ReplyText)"{}"u8.ToArray()).WithStart("[]"u8.ToArray())));
    }

    [Fact]
    public async Task Hundreds_of_megabytes_go_out_through_one_small_buffer()
    {
        var (_, audio) = await StoreAsync(8_000_000);
        var pieces = Enumerable.Range(0, 30).SelectMany(_ => (ReplyPiece[])[Bytes("\""), new ReplyPiece(default, audio)]).ToList();
        var text = new ReplyText([.. pieces, Bytes("\"")]);
        Assert.Equal(31, text.Held);
        await text.WriteAsync(static (_, _) => default, TestContext.Current.CancellationToken);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var sent = 0L;
        await text.WriteAsync(
            (bytes, _) =>
            {
                sent += bytes.Length;
                return default;
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(text.Length, sent);
        Assert.InRange(sent, 320_000_000, 321_000_000);
        // Other tests allocate beside this one; what is made anew for each file would be the whole of it.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 100_000_000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_lost_for_good_is_told_apart_from_one_that_cannot_be_read_now(bool isDamaged)
    {
        var (bytes, audio) = await StoreAsync(100_000);
        var text = new ReplyText([Bytes("\""), new ReplyPiece(default, audio), Bytes("\"")]);
        await store.DeleteAsync([audio.Key], TestContext.Current.CancellationToken);
        if (isDamaged)
        {
            bytes[50_000] ^= 1;
            await store.WriteAsync(audio.Key, bytes, TestContext.Current.CancellationToken);
        }

        await Assert.ThrowsAsync<ReplyLostException>(() => text.ToArrayAsync());
    }

    private async Task<(byte[] Bytes, UnreadAudio Audio)> StoreAsync(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var key = $"audio/ab/one-{BlobDigest.Of(bytes):x8}.mp3";
        await store.WriteAsync(key, bytes, TestContext.Current.CancellationToken);
        return (bytes, new UnreadAudio(blobs, key, length));
    }

    private static ReplyPiece Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<string> TextOfAsync(ReplyText text) => Encoding.UTF8.GetString(await text.ToArrayAsync());
}
