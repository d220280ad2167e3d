using Platform.Storage;
using Xunit;

namespace Platform.Tests.Storage;

/// <summary>What every store does; each store inherits all of it.</summary>
public abstract class BlobStoreTests
{
    /// <summary>An empty store, or the same one under a name that no other test uses.</summary>
    private protected abstract Task<IBlobStore> StoreAsync();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData((6 * 1024 * 1024) + 1)]
    [InlineData(17 * 1024 * 1024)]
    public async Task Gives_back_what_was_written(int length)
    {
        var store = await StoreAsync();
        var bytes = Noise(length);

        await store.WriteAsync("audio/ab/one.mp3", bytes, Token);

        Assert.Equal(bytes, await ReadAsync(store, "audio/ab/one.mp3"));
    }

    [Fact]
    public async Task Has_nothing_under_another_key()
    {
        var store = await StoreAsync();
        await store.WriteAsync("audio/ab/one.mp3", Noise(10), Token);

        Assert.Null(await store.OpenAsync("audio/ab/other.mp3", Token));
        Assert.Null(await store.OpenAsync("audio/cd/one.mp3", Token));
    }

    [Fact]
    public async Task Reads_at_any_place_in_any_order()
    {
        var store = await StoreAsync();
        var bytes = Noise(300_000);
        await store.WriteAsync("audio/ab/one.mp3", bytes, Token);
        await using var stream = (await store.OpenAsync("audio/ab/one.mp3", Token))!;

        foreach (var (offset, count) in ((int, int)[])[(0, 10), (200_000, 1000), (10, 20), (299_999, 1)])
        {
            var part = new byte[count];
            stream.Position = offset;
            await stream.ReadExactlyAsync(part, Token);
            Assert.Equal(bytes[offset..(offset + count)], part);
        }

        Assert.Equal(0, await stream.ReadAsync(new byte[5], Token));
        Assert.Equal(bytes.Length, stream.Length);
    }

    [Fact]
    public async Task Deletes_what_is_there_and_does_not_mind_what_is_gone()
    {
        var store = await StoreAsync();
        await store.WriteAsync("audio/ab/one.mp3", Noise(10), Token);
        await store.WriteAsync("audio/ab/two.mp3", Noise(10), Token);

        await store.DeleteAsync(["audio/ab/one.mp3", "audio/never/one.mp3"], Token);
        await store.DeleteAsync(["audio/ab/one.mp3"], Token);
        await store.DeleteAsync([], Token);

        Assert.Null(await store.OpenAsync("audio/ab/one.mp3", Token));
        Assert.NotNull(await ReadAsync(store, "audio/ab/two.mp3"));
    }

    [Fact]
    public async Task Lists_in_order_from_behind_a_key_on()
    {
        var store = await StoreAsync();
        string[] keys = ["audio/0a/x.mp3", "audio/0a/y.mp3", "audio/ab/a.mp3", "audio/ff/z.mp3"];
        foreach (var key in keys.Reverse().Append("media/aa/m.wav"))
        {
            await store.WriteAsync(key, Noise(3), Token);
        }

        Assert.Equal(string.Join(" ", keys), string.Join(" ", await ListAsync(store, "")));
        Assert.Equal(string.Join(" ", keys[1..]), string.Join(" ", await ListAsync(store, keys[0])));
        Assert.Equal(string.Join(" ", keys[2..]), string.Join(" ", await ListAsync(store, keys[1])));
        Assert.Equal(string.Join(" ", keys[3..]), string.Join(" ", await ListAsync(store, keys[2])));
        Assert.Empty(await ListAsync(store, keys[3]));
        await foreach (var found in store.ListAsync("audio/", "", Token))
        {
            Assert.InRange((TimeProvider.System.GetUtcNow() - found.WrittenAt).TotalMinutes, -1, 5);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3840)]
    [InlineData(3841)]
    [InlineData(100_000)]
    [InlineData(256 * 1024)]
    [InlineData((256 * 1024) + 1)]
    public async Task Gives_back_what_was_added_under_the_key_that_it_said(int length)
    {
        var store = await StoreAsync();
        var bytes = Noise(length);

        var keys = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => store.AddAsync($"audio/ab/one-{i}.mp3", bytes, Token)));

        Assert.Equal(3, keys.Distinct(StringComparer.Ordinal).Count());
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.StartsWith("audio/", keys[i], StringComparison.Ordinal);
            Assert.EndsWith($"/one-{i}.mp3", keys[i], StringComparison.Ordinal);
            Assert.Equal(bytes, await ReadAsync(store, keys[i]));
        }
    }

    [Fact]
    public async Task Deletes_what_was_added_and_leaves_its_neighbours()
    {
        var store = await StoreAsync();
        var keys = await AddAsync(store, 5);

        await store.DeleteAsync([keys[1], keys[3]], Token);
        await store.DeleteAsync([keys[1]], Token);

        Assert.Null(await store.OpenAsync(keys[1], Token));
        Assert.Null(await store.OpenAsync(keys[3], Token));
        foreach (var i in (int[])[0, 2, 4])
        {
            Assert.Equal(Noise(1000 * (i + 1)), await ReadAsync(store, keys[i]));
        }

        Assert.Equal(((string[])[keys[0], keys[2], keys[4]]).Order(StringComparer.Ordinal), await ListAsync(store, ""), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Lists_what_was_added_among_the_rest_in_order_from_behind_a_key_on()
    {
        var store = await StoreAsync();
        List<string> keys = [.. await AddAsync(store, 20), "audio/00/first.mp3", "audio/7f/middle.mp3", "audio/ff/zz-last.mp3"];
        foreach (var key in keys[20..])
        {
            await store.WriteAsync(key, Noise(3), Token);
        }

        keys.Sort(StringComparer.Ordinal);

        Assert.Equal(keys, await ListAsync(store, ""));
        foreach (var i in (int[])[0, 5, 12, 22])
        {
            Assert.Equal(keys[(i + 1)..], await ListAsync(store, keys[i]));
        }
    }

    [Fact]
    public async Task Takes_files_at_its_start() => Assert.Null(await (await StoreAsync()).FindFaultAsync(Token));

    private static async Task<string[]> AddAsync(IBlobStore store, int count) => await Task.WhenAll(
        Enumerable.Range(0, count).Select(i => store.AddAsync($"audio/{i:x2}/some-{i:d3}.mp3", Noise(1000 * (i + 1)), Token)));

    internal static async Task<byte[]?> ReadAsync(IBlobStore store, string key)
    {
        if (await store.OpenAsync(key, Token) is not { } stream)
        {
            return null;
        }

        await using (stream)
        {
            using var all = new MemoryStream();
            await stream.CopyToAsync(all, Token);
            return all.ToArray();
        }
    }

    internal static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private static async Task<List<string>> ListAsync(IBlobStore store, string after)
    {
        var keys = new List<string>();
        await foreach (var found in store.ListAsync("audio/", after, Token))
        {
            keys.Add(found.Key);
        }

        return keys;
    }
}

/// <summary>The folder, with and without a flush.</summary>
public sealed class FolderBlobStoreTests : BlobStoreTests, IDisposable
{
    private readonly Fixtures.TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    private protected override Task<IBlobStore> StoreAsync() => Task.FromResult<IBlobStore>(
        new FolderBlobs(Microsoft.Extensions.Options.Options.Create(new StorageOptions { Folder = folder["media"] }), TimeProvider.System));
}
