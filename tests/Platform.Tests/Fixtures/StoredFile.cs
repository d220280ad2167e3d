using Microsoft.Extensions.Options;
using Platform.Storage;
using Platform.Storage.Packs;
using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>A look, from outside of the running platform, into the folder in which it keeps its files.</summary>
internal static class StoredFile
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Null when there is no such file any more.</summary>
    public static async Task<byte[]?> ReadAsync(string folder, string key)
    {
        using var blobs = Over(folder);
        if (await blobs.OpenAsync(key, Token) is not { } stream)
        {
            return null;
        }

        await using (stream)
        {
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, Token);
            return bytes;
        }
    }

    public static async Task DeleteAsync(string folder, string key)
    {
        using var blobs = Over(folder);
        await blobs.DeleteAsync([key], Token);
    }

    /// <summary>The keys of all results.</summary>
    public static async Task<List<string>> ListAsync(string folder)
    {
        using var blobs = Over(folder);
        var keys = new List<string>();
        await foreach (var found in blobs.ListAsync(BlobKeys.Results, "", Token))
        {
            keys.Add(found.Key);
        }

        return keys;
    }

    /// <summary>Overwrites some of its bytes behind the platform's back.</summary>
    public static async Task DamageAsync(string folder, string key)
    {
        var packed = PackKey.Find(key);
        await using var file = new FileStream(Path.Combine(folder, packed?.File ?? key), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = 100 + (packed is { } place ? ((long)place.Block * PackItem.Block) + PackItem.HeaderBytes : 0);
        await file.WriteAsync("damage"u8.ToArray(), Token);
    }

    private static FolderBlobs Over(string folder) => new(Options.Create(new StorageOptions { Folder = folder }), TimeProvider.System);
}
