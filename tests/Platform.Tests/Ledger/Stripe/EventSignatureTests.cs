using System.Text;
using Platform.Ledger.Stripe;
using Platform.LocalStripe;
using Xunit;

namespace Platform.Tests.Ledger.Stripe;

public sealed class EventSignatureTests
{
    private const string Secret = "whsec_one";
    private const string Body = """{"id":"evt_1","text":"Grüße"}""";
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_signature_of_ours_is_good() => Assert.Equal(SignatureVerdict.Good, Judge(Webhooks.Sign(Body, Secret, Now)));

    [Theory]
    [InlineData(300, SignatureVerdict.Good)]
    [InlineData(301, SignatureVerdict.Stale)]
    [InlineData(-300, SignatureVerdict.Good)]
    [InlineData(-301, SignatureVerdict.Stale)]
    [InlineData(86_400, SignatureVerdict.Stale)]
    internal void The_time_must_be_within_the_tolerance(int secondsAgo, SignatureVerdict expected) =>
        Assert.Equal(expected, Judge(Webhooks.Sign(Body, Secret, Now.AddSeconds(-secondsAgo))));

    [Fact]
    public void One_good_signature_of_several_is_enough()
    {
        var good = Webhooks.Sign(Body, Secret, Now);
        var other = Webhooks.Sign(Body, "whsec_old", Now).Split(',')[1];

        Assert.Equal(SignatureVerdict.Good, Judge($"{good.Split(',')[0]},{other},{good.Split(',')[1]},v0=abc"));
        Assert.Equal(SignatureVerdict.Forged, Judge($"{good.Split(',')[0]},{other}"));
    }

    [Fact]
    public void Any_of_our_secrets_may_have_signed() =>
        Assert.Equal(SignatureVerdict.Good, Judge(Webhooks.Sign(Body, "whsec_new", Now), "whsec_one", "whsec_new"));

    [Fact]
    public void Every_changed_byte_of_the_body_is_found()
    {
        var signature = Webhooks.Sign(Body, Secret, Now);
        var bytes = Encoding.UTF8.GetBytes(Body);
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= 1;
            Assert.Equal(SignatureVerdict.Forged, EventSignature.Judge(signature, changed, [Secret], (Now, TimeSpan.FromMinutes(5))));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1=")]
    [InlineData("t=,v1=")]
    [InlineData("t=1")]
    [InlineData("t=abc,v1=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("t=1,v1=zz00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("t=99999999999999999999,v1=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("t=1795000000,v1=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("nonsense")]
    public void A_header_that_is_none_is_forged(string header) => Assert.Equal(SignatureVerdict.Forged, Judge(header));

    [Fact]
    public void The_time_is_signed_along()
    {
        var old = Webhooks.Sign(Body, Secret, Now.AddDays(-1));

        Assert.Equal(SignatureVerdict.Forged, Judge($"t={Now.ToUnixTimeSeconds()},{old.Split(',')[1]}"));
    }

    private static SignatureVerdict Judge(string header, params string[] secrets) => EventSignature.Judge(
        header, Encoding.UTF8.GetBytes(Body), secrets.Length == 0 ? [Secret] : secrets, (Now, TimeSpan.FromSeconds(300)));
}
