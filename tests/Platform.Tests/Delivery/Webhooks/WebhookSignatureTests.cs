using System.Text;
using Platform.Delivery.Webhooks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

public sealed class WebhookSignatureTests
{
    // The example that the reference libraries of Standard Webhooks are tested with.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Body = "{\"test\": 2432232314}";

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    [Fact]
    public async Task Signs_as_the_reference_libraries_do()
    {
        var signature = await SignAsync(new WebhookBody(Encoding.UTF8.GetBytes(Body)), Secret);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Fact]
    public async Task A_receiver_with_either_secret_of_a_rotation_accepts_it_and_others_do_not()
    {
        var (old, current) = (WebhookSignature.NewSecret(), WebhookSignature.NewSecret());
        var body = Encoding.UTF8.GetBytes(Body);

        var signature = await SignAsync(new WebhookBody(body), current, old);

        bool Accepts(string secret) => StandardWebhooks.VerifySignature(Id, "1614265330", body, signature, secret);
        Assert.True(Accepts(current));
        Assert.True(Accepts(old));
        Assert.False(Accepts(WebhookSignature.NewSecret()));
        Assert.False(StandardWebhooks.VerifySignature(Id, "1614265331", body, signature, current));
    }

    [Fact]
    public async Task Covers_audio_that_is_read_piece_by_piece()
    {
        var audio = Enumerable.Range(0, 200_001).Select(static i => (byte)(i * 7)).ToArray();
        var whole = Encoding.UTF8.GetBytes("{\"a\":\"" + Convert.ToBase64String(audio) + "\"}");
        var body = new WebhookBody("{\"a\":\""u8.ToArray(), audio.Length, () => Task.FromResult<Stream>(new MemoryStream(audio)), "\"}"u8.ToArray());

        Assert.True(StandardWebhooks.VerifySignature(Id, "1614265330", whole, await SignAsync(body, Secret), Secret));
    }

    [Fact]
    public void A_secret_has_256_random_bits_behind_its_prefix()
    {
        var secret = WebhookSignature.NewSecret();

        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(secret["whsec_".Length..]).Length);
        Assert.False(secret == WebhookSignature.NewSecret());
    }

    private static Task<string> SignAsync(WebhookBody body, params IReadOnlyList<string> secrets) =>
        WebhookSignature.OfAsync(Id, At, body, secrets, TestContext.Current.CancellationToken);
}
