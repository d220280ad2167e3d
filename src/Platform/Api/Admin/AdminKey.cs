using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Platform.Tenants;

namespace Platform.Api.Admin;

/// <summary>The key that operators send, and the name under which its changes stand in the audit log.</summary>
internal sealed class AdminKey
{
    private readonly byte[]? _hash;

    public AdminKey(IOptions<AdminOptions> options)
    {
        var key = options.Value.Key;
        if (key.Length > 0)
        {
            _hash = Hash(key);
            Actor = "admin " + (KeyText.IsWellFormed(key) ? KeyText.PrefixOf(key) : "key " + Convert.ToHexStringLower(_hash)[..8]);
        }
    }

    /// <summary>Whether there is a key at all.</summary>
    public bool IsSet => _hash is not null;

    /// <summary>By the key's prefix, or by the beginning of its hash where it is of another make: its own characters would give it away.</summary>
    public string Actor { get; } = "";

    /// <summary>Takes the same time for every wrong key: comparing hashes tells neither length nor a common beginning.</summary>
    public bool Matches(string key) => _hash is not null && CryptographicOperations.FixedTimeEquals(_hash, Hash(key));

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
