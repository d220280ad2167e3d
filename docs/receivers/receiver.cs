// A receiver of webhooks in C#. Needs the .NET 10 SDK and nothing else:
//
//     SECRET=$(cat data/demo.secret) dotnet run docs/receivers/receiver.cs
#:property PublishAot=false

using System.Collections.Specialized;
using System.Net;
using System.Security.Cryptography;
using System.Text;

var secret = Environment.GetEnvironmentVariable("SECRET") ?? "";
if (!secret.StartsWith("whsec_", StringComparison.Ordinal))
{
    Console.Error.WriteLine("SECRET must hold the secret of your webhooks, which begins with whsec_");
    return 2;
}

var address = $"http://127.0.0.1:{Environment.GetEnvironmentVariable("PORT") ?? "8900"}/";
using var listener = new HttpListener { Prefixes = { address } };
listener.Start();
Console.WriteLine($"Listening on {address}");
while (true)
{
    var call = await listener.GetContextAsync();
    try
    {
        await AnswerAsync(call, secret);
    }
    catch (Exception gone) when (gone is HttpListenerException or IOException or ObjectDisposedException)
    {
        // The sender hung up; it tries again.
        Console.Error.WriteLine($"A call broke off: {gone.Message}");
    }
}

static async Task AnswerAsync(HttpListenerContext call, string secret)
{
    using var buffer = new MemoryStream();
    await call.Request.InputStream.CopyToAsync(buffer);
    var body = buffer.ToArray();
    var genuine = IsGenuine(call.Request.Headers, body, secret);
    Console.WriteLine($"{(genuine ? "genuine" : "NOT GENUINE")} {call.Request.Headers["webhook-id"]} {Encoding.UTF8.GetString(body, 0, Math.Min(body.Length, 500))}");
    call.Response.StatusCode = genuine ? 204 : 401;
    call.Response.Close();
}

// The body as it came: one that was parsed and written again has other bytes.
static bool IsGenuine(NameValueCollection headers, byte[] body, string secret)
{
    var (id, at, signatures) = (headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"]);
    if (!long.TryParse(at, out var seconds) || Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - seconds) > 300)
    {
        return false;
    }

    byte[] content = [.. Encoding.UTF8.GetBytes($"{id}.{at}."), .. body];
    var hash = HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), content);
    var expected = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(hash));
    return (signatures ?? "").Split(' ').Any(one => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), expected));
}
