using Microsoft.EntityFrameworkCore;
using Platform.Persistence;
using Platform.Tenants;
using Platform.Tests.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Tenants;

public sealed class RotateWebhookSecretTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private readonly ManualTime time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rotating_again_within_the_day_cuts_off_no_receiver_that_has_the_first_or_the_second()
    {
        await using var receiver = await HookReceiver.StartAsync();
        var tenant = await spine.TenantAsync();
        var first = await spine.AskAsync<string>("select secret from webhook_secrets where tenant_id = $1", tenant);
        var second = (await RotateAsync(tenant))!.Secret!;
        time.Advance(TimeSpan.FromHours(1));
        var third = (await RotateAsync(tenant))!.Secret!;
        await using var stage = new WebhookStage(spine);

        await stage.Get<Platform.Delivery.Webhooks.PingReceiver>().RunAsync(tenant, receiver.Url(), "admin test", Token);

        var heard = Assert.Single(receiver.All);
        Assert.All([third, second, first], secret => Assert.True(StandardWebhooks.Verify(heard, secret, TimeProvider.System.GetUtcNow())));
        Assert.Equal(3, heard.Headers["webhook-signature"].Split(' ').Length);
    }

    [Fact]
    public async Task Each_signs_for_a_day_from_its_own_rotation()
    {
        var tenant = await spine.TenantAsync();
        var firstEnds = (await RotateAsync(tenant))!.OldSignsUntil;
        time.Advance(TimeSpan.FromHours(20));
        var secondEnds = (await RotateAsync(tenant))!.OldSignsUntil;

        Assert.Equal(TimeSpan.FromHours(20), secondEnds - firstEnds);
        Assert.Equal(3, await CountAsync(tenant));

        // The first one's day is over; it is deleted with the next rotation.
        time.Advance(TimeSpan.FromHours(5));
        await RotateAsync(tenant);
        Assert.Equal(3, await CountAsync(tenant));
    }

    [Fact]
    public async Task A_sixth_secret_is_refused_until_one_has_ended_and_nothing_changes()
    {
        var tenant = await spine.TenantAsync();
        var firstEnds = (await RotateAsync(tenant))!.OldSignsUntil;
        for (var i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromMinutes(1));
            Assert.NotNull((await RotateAsync(tenant))!.Secret);
        }

        var before = await SecretsAsync(tenant);
        var refused = (await RotateAsync(tenant))!;

        Assert.Null(refused.Secret);
        Assert.Equal(firstEnds, refused.OldSignsUntil, TimeSpan.FromMilliseconds(1));
        Assert.Equal(before, await SecretsAsync(tenant));
        time.Advance(TimeSpan.FromHours(24));
        Assert.NotNull((await RotateAsync(tenant))!.Secret);
    }

    [Fact]
    public async Task Two_rotations_at_once_follow_each_other()
    {
        var tenant = await spine.TenantAsync();

        var both = await Task.WhenAll(RotateAsync(tenant), RotateAsync(tenant));

        Assert.Equal(2, both.Select(static rotation => rotation!.Secret).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(3, await CountAsync(tenant));
    }

    [Fact]
    public async Task Nobody_and_an_erased_tenant_get_none()
    {
        Assert.Null(await RotateAsync(Guid.NewGuid()));
        var tenant = await spine.TenantAsync();
        await spine.Get<AskErasure>().RunAsync(tenant, "admin test", Token);

        await Assert.ThrowsAsync<TenantErasedException>(() => RotateAsync(tenant));

        Assert.Equal(0, await CountAsync(tenant));
    }

    private Task<Rotation?> RotateAsync(Guid tenant) =>
        new RotateWebhookSecret(spine.Get<IDbContextFactory<PlatformDb>>(), time).RunAsync(tenant, "admin test", Token);

    private Task<long> CountAsync(Guid tenant) => spine.AskAsync<long>("select count(*) from webhook_secrets where tenant_id = $1", tenant);

    private Task<string> SecretsAsync(Guid tenant) => spine.AskAsync<string>(
        "select string_agg(secret || coalesce(signs_until::text, ''), ' ' order by created_at) from webhook_secrets where tenant_id = $1", tenant);
}
