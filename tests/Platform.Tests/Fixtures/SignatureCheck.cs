using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Platform.Tests.Fixtures;

/// <summary>
/// Signature Version 4 of S3 requests, in a header or presigned, worked out from Amazon's description alone:
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-query-string-auth.html.
/// </summary>
internal static class SignatureCheck
{
    private const string Instant = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>Null when the request is signed with the secret, is in its time, and carries the body that was signed; else why not.</summary>
    public static string? FindFault(HttpRequest request, byte[] body, string secret, DateTimeOffset now)
    {
        var query = request.QueryString.Value!.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(static pair => pair.Split('=', 2)).Select(static pair => (Name: pair[0], Value: pair.Length > 1 ? pair[1] : "")).ToList();
        var isPresigned = query.Exists(static pair => pair.Name == "X-Amz-Signature");
        var facts = isPresigned
            ? query.ToDictionary(static pair => pair.Name, static pair => Uri.UnescapeDataString(pair.Value), StringComparer.Ordinal)
            : FromHeader(request);
        var at = DateTimeOffset.ParseExact(facts["X-Amz-Date"], Instant, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        var life = isPresigned ? int.Parse(facts["X-Amz-Expires"], CultureInfo.InvariantCulture) : 900;
        if (now > at.AddSeconds(life))
        {
            return "Request has expired";
        }

        var content = isPresigned ? "UNSIGNED-PAYLOAD" : request.Headers["x-amz-content-sha256"].ToString();
        if (content.Length == 64 && content != Hex(SHA256.HashData(body)))
        {
            return "XAmzContentSHA256Mismatch";
        }

        var signed = facts["X-Amz-SignedHeaders"].Split(';');
        var canonical = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(PathOf(request)).Append('\n')
            .AppendJoin('&', query.Where(static pair => pair.Name != "X-Amz-Signature")
                .OrderBy(static pair => pair.Name, StringComparer.Ordinal).Select(static pair => $"{pair.Name}={pair.Value}")).Append('\n')
            .AppendJoin("", signed.Select(name => $"{name}:{request.Headers[name].ToString().Trim()}\n")).Append('\n')
            .AppendJoin(';', signed).Append('\n')
            .Append(content);
        var scope = facts["X-Amz-Credential"].Split('/', 2)[1];
        var text = $"AWS4-HMAC-SHA256\n{facts["X-Amz-Date"]}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString())))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), Sign);
        return Hex(Sign(key, text)) == facts["X-Amz-Signature"] ? null : "SignatureDoesNotMatch";
    }

    // As it stands on the wire: a server that decodes it first cannot tell %2F from a slash.
    private static string PathOf(HttpRequest request) =>
        request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];

    private static Dictionary<string, string> FromHeader(HttpRequest request)
    {
        var facts = request.Headers.Authorization.ToString().Split(' ', 2)[1].Split(", ").Select(static part => part.Trim(',', ' ').Split('=', 2))
            .ToDictionary(static pair => "X-Amz-" + pair[0], static pair => pair[1], StringComparer.Ordinal);
        facts["X-Amz-Date"] = request.Headers["x-amz-date"].ToString();
        return facts;
    }

    private static byte[] Sign(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
