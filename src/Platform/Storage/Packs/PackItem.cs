using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Platform.Storage.Packs;

/// <summary>
/// One blob of a pack as its header says: whole blocks, the header first and the bytes right behind it. Blocks are those of common file
/// systems, so that a deleted blob's room can be given back.
/// </summary>
/// <param name="Length">Bytes without the header.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PackItem(string Name, int Length, DateTimeOffset WrittenAt)
{
    public const int Block = 4096;
    public const int HeaderBytes = 256;

    private const ulong Magic = 0x314b4341504c5041;
    private const int NameAt = 32;

    /// <summary>Blocks that it takes up.</summary>
    public int Blocks => (HeaderBytes + Length + Block - 1) / Block;

    public static bool Fits(string name) => Encoding.UTF8.GetByteCount(name) <= HeaderBytes - NameAt;

    public void Write(Span<byte> header)
    {
        header.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], WrittenAt.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt32LittleEndian(header[24..], Encoding.UTF8.GetBytes(Name, header[NameAt..]));
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], BlobDigest.Of(header[12..]));
    }

    /// <summary>What begins at a block; null where nothing does: a hole, the middle of a blob, a write that was cut off.</summary>
    public static PackItem? Read(SafeFileHandle pack, int block)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        return RandomAccess.Read(pack, header, (long)block * Block) == HeaderBytes
            && BinaryPrimitives.ReadUInt64LittleEndian(header) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == BlobDigest.Of(header[12..])
            ? new PackItem(
                Encoding.UTF8.GetString(header.Slice(NameAt, BinaryPrimitives.ReadInt32LittleEndian(header[24..]))),
                BinaryPrimitives.ReadInt32LittleEndian(header[12..]),
                DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(header[16..])))
            : null;
    }
}
