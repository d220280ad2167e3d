using Platform.Delivery.Webhooks;
using Platform.Tenants;
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

        var outcome = await stage.Get<PingReceiver>().RunAsync(tenant, receiver.Url(), "admin test", Cancellation);

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

        var outcome = await stage.Get<PingReceiver>().RunAsync(await spine.TenantAsync(), receiver.Url(), "admin test", Cancellation);

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

        var outcome = await stage.Get<PingReceiver>().RunAsync(await spine.TenantAsync(), url, "admin test", Cancellation);

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

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => stage.Get<PingReceiver>().RunAsync(tenant, receiver.Url(), "admin test", Cancellation)));

        Assert.Equal(1L, await spine.AskAsync<long>("select count(*) from webhook_secrets where tenant_id = $1", tenant));
        var secret = await stage.SecretAsync(tenant);
        Assert.All(receiver.All, heard => Assert.True(StandardWebhooks.Verify(heard, secret, TimeProvider.System.GetUtcNow())));
    }

    [Fact]
    public async Task It_stands_in_the_audit_log_by_the_receivers_name_alone()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();

        await stage.Get<PingReceiver>().RunAsync(tenant, receiver.Url("/hook?token=secret"), "admin test", Cancellation);

        var entry = await spine.AskAsync<string>("select row_to_json(a)::text from audit_log a where tenant_id = $1 and action = 'webhook.ping'", tenant);
        Assert.Contains("\"admin test\"", entry, StringComparison.Ordinal);
        Assert.Contains($"\"{receiver.Address.Authority}\"", entry, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", entry, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_goes_out_in_the_name_of_an_erased_tenant_and_it_gets_no_secret()
    {
        await using var receiver = await HookReceiver.StartAsync();
        await using var stage = new WebhookStage(spine);
        var tenant = await spine.TenantAsync();
        await spine.Get<AskErasure>().RunAsync(tenant, "admin test", Cancellation);

        var outcome = await stage.Get<PingReceiver>().RunAsync(tenant, receiver.Url(), "admin test", Cancellation);

        Assert.False(outcome.Attempt!.IsDelivered);
        Assert.Equal("The tenant is erased; nothing is sent in its name any more.", outcome.Attempt.Error);
        Assert.Empty(receiver.All);
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from webhook_secrets where tenant_id = $1", tenant));
    }
}
