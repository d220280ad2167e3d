using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Tenants;

/// <summary>
/// The spelling of a key: <c>rw_ENV_RANDOM_CHECKSUM</c>. The checksum lets a mistyped or made-up key be refused without a look at
/// the database, and lets secret scanners recognise a leaked one.
/// </summary>
internal static class KeyText
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int RandomLength = 32;
    private const int ChecksumLength = 6;
    private const int PrefixLength = 6;

    /// <summary>A new key; <paramref name="environment"/> is a word such as <c>live</c> or <c>dev</c>.</summary>
    public static string Make(string environment)
    {
        var body = $"rw_{environment}_{RandomNumberGenerator.GetString(Base62, RandomLength)}";
        return $"{body}_{ChecksumOf(body)}";
    }

    public static bool IsWellFormed(string key)
    {
        var end = key.LastIndexOf('_');
        return key.Length <= 128
            && key.StartsWith("rw_", StringComparison.Ordinal)
            && end > RandomLength
            && key.AsSpan(end + 1).SequenceEqual(ChecksumOf(key[..end]));
    }

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    /// <summary>What may be shown of a key: its kind and the first characters of its random part.</summary>
    public static string PrefixOf(string key) => key[..(key.IndexOf('_', 3) + 1 + PrefixLength)];

    /// <summary>The same of a key of which only a beginning may be known; null when that is too little to tell keys apart.</summary>
    public static string? FindPrefix(string beginning) =>
        beginning.StartsWith("rw_", StringComparison.Ordinal) && beginning.IndexOf('_', 3) is > 3 and var end && beginning.Length >= end + 1 + PrefixLength
            ? PrefixOf(beginning)
            : null;

    private static string ChecksumOf(string body)
    {
        var rest = BinaryPrimitives.ReadUInt32BigEndian(HashOf(body));
        var checksum = new char[ChecksumLength];
        for (var i = ChecksumLength - 1; i >= 0; i--)
        {
            checksum[i] = Base62[(int)(rest % Base62.Length)];
            rest /= (uint)Base62.Length;
        }

        return new string(checksum);
    }
}
