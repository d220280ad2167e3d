using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Ledger.Stripe;

/// <summary>What a signature says.</summary>
internal enum SignatureVerdict
{
    Good,

    /// <summary>None of the signatures was made with a secret of ours, or the header is none.</summary>
    Forged,

    /// <summary>It is ours, and from another time: somebody may be playing it again.</summary>
    Stale,
}

/// <summary>
/// Checks the header <c>Stripe-Signature</c> (https://docs.stripe.com/webhooks#verify-manually): <c>t=TIME,v1=HEX[,v1=HEX]</c>, HMAC-SHA256 over
/// <c>TIME.BODY</c> with the bytes of the body as they came. Several signatures and several secrets are for rotations.
/// </summary>
internal static class EventSignature
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    public const string Header = "Stripe-Signature";
    private const int MostSignatures = 16;

    public static SignatureVerdict Judge(string header, ReadOnlySpan<byte> body, IEnumerable<string> secrets, (DateTimeOffset Now, TimeSpan Tolerance) clock)
    {
        if (!TryRead(header, out var timestamp, out var signatures))
        {
            return SignatureVerdict.Forged;
        }

        var isOurs = false;
        foreach (var secret in secrets)
        {
            var expected = Sign(secret, timestamp, body);
            foreach (var signature in signatures)
            {
                // All are compared, and each in constant time.
                isOurs |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        if (!isOurs)
        {
            return SignatureVerdict.Forged;
        }

        var age = clock.Now.ToUnixTimeSeconds() - timestamp;
        return Math.Abs(age) <= (long)clock.Tolerance.TotalSeconds ? SignatureVerdict.Good : SignatureVerdict.Stale;
    }

    /// <summary>Whether the header has the form of a signature, which can be said before there is a body.</summary>
    public static bool IsWellFormed(string header) => TryRead(header, out _, out _);

    public static byte[] Sign(string secret, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{timestamp}.")));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }

    private static bool TryRead(string header, out long timestamp, out List<byte[]> signatures)
    {
        (timestamp, signatures) = (0, []);
        var hasTime = false;
        foreach (var part in header.Split(',', StringSplitOptions.TrimEntries).Take(MostSignatures))
        {
            if (part.StartsWith("t=", StringComparison.Ordinal))
            {
                hasTime = long.TryParse(part.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out timestamp)
                    && timestamp < int.MaxValue;
            }
            else if (part.StartsWith("v1=", StringComparison.Ordinal) && part.Length == 3 + (2 * SHA256.HashSizeInBytes)
                && part.AsSpan(3).IndexOfAnyExcept(HexDigits) < 0)
            {
                signatures.Add(Convert.FromHexString(part.AsSpan(3)));
            }
        }

        return hasTime && signatures.Count > 0;
    }
}
