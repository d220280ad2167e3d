using System.Globalization;
using System.Runtime.InteropServices;

namespace Platform.Storage.Packs;

/// <summary>
/// The key of a blob that lies in a pack: <c>audio/AB/PACK-BLOCK/NAME</c>. The pack is the file <c>audio/AB/PACK.pack</c>, the blob begins at
/// its block, and the name is the one that the blob would have as a file of its own.
/// </summary>
/// <param name="Folder">Of the pack, with a slash at its end.</param>
/// <param name="Block">Counted from 0, each <see cref="PackItem.Block"/> bytes.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PackKey(string Folder, string Pack, int Block, string Name)
{
    public const string Extension = ".pack";

    // Fixed, so that keys sort as their blobs lie.
    private const int BlockDigits = 6;
    private const int IdDigits = 32;

    /// <summary>The pack's own file.</summary>
    public string File => Folder + Pack + Extension;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Folder}{Pack}-{Block:x6}/{Name}");

    /// <summary>Null for the key of a blob that is a file of its own.</summary>
    public static PackKey? Find(string key)
    {
        var slash = key.LastIndexOf('/');
        var start = slash < 0 ? -1 : key.LastIndexOf('/', slash - 1) + 1;
        return start > 0 && slash - start == IdDigits + 1 + BlockDigits && key[start + IdDigits] == '-'
            && Guid.TryParseExact(key.AsSpan(start, IdDigits), "N", out _)
            && int.TryParse(key.AsSpan(slash - BlockDigits, BlockDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var block)
            ? new PackKey(key[..start], key.Substring(start, IdDigits), block, key[(slash + 1)..])
            : null;
    }

    /// <summary>Whether a file's name is that of a pack.</summary>
    public static bool IsPack(string file) =>
        file.EndsWith(Extension, StringComparison.Ordinal)
        && Guid.TryParseExact(Path.GetFileNameWithoutExtension(file.AsSpan()), "N", out _);
}
