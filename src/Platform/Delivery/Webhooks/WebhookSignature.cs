using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Platform.Delivery.Webhooks;

/// <summary>
/// Signs as Standard Webhooks says (https://www.standardwebhooks.com): HMAC-SHA256 over <c>id.timestamp.body</c> with the bytes behind
/// <c>whsec_</c>, one signature for each secret that is active.
/// </summary>
internal static class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimestampHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";
    public const string SecretPrefix = "whsec_";

    /// <summary>A new secret: 256 random bits, which is within the 24 to 64 bytes of the specification.</summary>
    public static string NewSecret() => SecretPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <summary>The value of the signature header: <c>v1,SIGNATURE</c> for each secret, separated by spaces.</summary>
    public static async Task<string> OfAsync(
        string id, DateTimeOffset timestamp, WebhookBody body, IReadOnlyList<string> secrets, CancellationToken cancellation)
    {
        var start = Encoding.UTF8.GetBytes($"{id}.{TextOf(timestamp)}.");
        var hashes = new List<IncrementalHash>(secrets.Count);
        try
        {
            hashes.AddRange(secrets.Select(static secret => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, KeyOf(secret))));
            hashes.ForEach(hash => hash.AppendData(start));
            await body.ReadAsync(part => hashes.ForEach(hash => hash.AppendData(part.Span)), cancellation);
            return string.Join(' ', hashes.Select(static hash => "v1," + Convert.ToBase64String(hash.GetHashAndReset())));
        }
        finally
        {
            hashes.ForEach(static hash => hash.Dispose());
        }
    }

    /// <summary>Whole seconds since 1970, as the header shows them.</summary>
    public static string TextOf(DateTimeOffset timestamp) => timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static byte[] KeyOf(string secret) => Convert.FromBase64String(
        secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : secret);
}
