using System.Buffers.Binary;
using System.Numerics;

namespace Platform.Storage;

/// <summary>
/// CRC-32C (Castagnoli): processors compute it at several gigabytes a second, so that every read can be checked. It finds damage, not
/// forgery: whoever can write into the store could change a name as well.
/// </summary>
internal struct BlobDigest
{
    private uint _register;

    public BlobDigest() => _register = uint.MaxValue;

    public readonly uint Value => ~_register;

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var digest = new BlobDigest();
        digest.Append(bytes);
        return digest.Value;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var register = _register;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var one in bytes)
        {
            register = BitOperations.Crc32C(register, one);
        }

        _register = register;
    }
}
