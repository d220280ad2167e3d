using Platform.Delivery.Webhooks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

public sealed class PingReceiverTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_one_signed_event_and_tells_what_came_back()
    {
        await using var receiver = await HookReceiver.StartAsync(202);
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();

        var outcome = await stage.Get<PingReceiver>().RunAsync(tenant, receiver.Url(), Cancellation);

        var heard = Assert.Single(receiver.All);
        Assert.Equal("""{"data":[{"taskType":"ping","pong":true}]}""", heard.Text);
        Assert.Equal(outcome.MessageId, heard.Id);
        Assert.True(StandardWebhooks.Verify(heard, await stage.SecretAsync(tenant), TimeProvider.System.GetUtcNow()));
        Assert.Equal((true, 202), (outcome.Attempt!.IsDelivered, outcome.Attempt.Status));
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from webhooks where tenant_id = $1", tenant));
    }

    [Fact]
    public async Task A_failing_receiver_is_tried_once()
    {
        await using var receiver = await HookReceiver.StartAsync(500);
        await using var stage = new WebhookStage(spine);

        var outcome = await stage.Get<PingReceiver>().RunAsync(await spine.TenantAsync(), receiver.Url(), Cancellation);

        Assert.Equal((false, "The receiver answered 500."), (outcome.Attempt!.IsDelivered, outcome.Attempt.Error));
        Assert.Single(receiver.All);
    }

    [Theory]
    [InlineData("http://169.254.169.254/")]
    [InlineData("ftp://93.184.215.14/")]
    [InlineData("http://user:pw@93.184.215.14/")]
    public async Task Sends_nothing_where_the_guard_refuses(string url)
    {
        await using var stage = new WebhookStage(spine);

        var outcome = await stage.Get<PingReceiver>().RunAsync(await spine.TenantAsync(), url, Cancellation);

        Assert.NotNull(outcome.Refusal);
        Assert.Null(outcome.Attempt);
    }

    [Fact]
    public async Task A_tenant_without_a_secret_gets_its_first_one()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        await spine.ExecuteAsync("delete from webhook_secrets where tenant_id = $1", tenant);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => stage.Get<PingReceiver>().RunAsync(tenant, receiver.Url(), Cancellation)));

        Assert.Equal(1L, await spine.AskAsync<long>("select count(*) from webhook_secrets where tenant_id = $1", tenant));
        var secret = await stage.SecretAsync(tenant);
        Assert.All(receiver.All, heard => Assert.True(StandardWebhooks.Verify(heard, secret, TimeProvider.System.GetUtcNow())));
    }
}
