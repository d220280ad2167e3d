using System.Security.Cryptography;
using System.Text;

namespace Platform.Tests.Delivery.Webhooks;

/// <summary>
/// A receiver's side of Standard Webhooks, written from the specification
/// (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md) and sharing nothing with the sender.
/// </summary>
internal static class StandardWebhooks
{
    /// <summary>Whether one of the signatures is this secret's, and the timestamp is within five minutes.</summary>
    public static bool Verify(Heard request, string secret, DateTimeOffset now)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(long.Parse(request.Headers["webhook-timestamp"]));
        return (now - at).Duration() < TimeSpan.FromMinutes(5)
            && VerifySignature(request.Id, request.Headers["webhook-timestamp"], request.Body, request.Headers["webhook-signature"], secret);
    }

    public static bool VerifySignature(string id, string timestamp, byte[] body, string signatures, string secret)
    {
        var content = Encoding.UTF8.GetBytes(id + "." + timestamp + ".").Concat(body).ToArray();
        var key = Convert.FromBase64String(secret.Split('_')[1]);
        var expected = HMACSHA256.HashData(key, content);
        return signatures.Split(' ')
            .Select(signature => signature.Split(',', 2))
            .Where(signature => signature[0] == "v1")
            .Any(signature => CryptographicOperations.FixedTimeEquals(Convert.FromBase64String(signature[1]), expected));
    }
}
