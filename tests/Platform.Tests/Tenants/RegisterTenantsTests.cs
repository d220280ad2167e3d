using Npgsql;
using Platform.Tenants;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Tenants;

public sealed class RegisterTenantsTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RegisterTenants Register => spine.Get<RegisterTenants>();

    [Fact]
    public async Task A_new_tenant_is_prepaid_and_has_an_empty_account()
    {
        var tenant = await Register.CreateTenantAsync("Acme", weight: 3, Token);

        Assert.Equal("0 0", await spine.MoneyAsync(tenant.TenantId));
        Assert.Equal(
            "Acme prepaid 3",
            await spine.AskAsync<string>(
                "select concat_ws(' ', name, billing, weight) from tenants where tenant_id = $1", tenant.TenantId));
    }

    [Fact]
    public async Task A_tenant_that_the_table_refuses_leaves_no_account()
    {
        var before = await spine.AskAsync<long>("select count(*) from accounts");

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => Register.CreateTenantAsync("Acme", weight: 0, Token));

        Assert.IsType<PostgresException>(refused.InnerException);
        Assert.Equal(before, await spine.AskAsync<long>("select count(*) from accounts"));
    }

    [Fact]
    public async Task A_key_for_nobody_is_refused() =>
        await Assert.ThrowsAsync<KeyNotFoundException>(() => Register.CreateKeyAsync(Guid.NewGuid(), "live", null, Token));

    [Fact]
    public async Task Knows_its_own_keys_until_they_are_revoked()
    {
        var tenant = await spine.TenantAsync();
        var (key, text) = await Register.CreateKeyAsync(tenant, "dev", null, Token);

        Assert.NotNull(await Register.FindOwnerAsync(text, Token));
        Assert.Null(await Register.FindOwnerAsync(KeyText.Make("dev"), Token));
        await spine.ExecuteAsync("update api_keys set revoked_at = now() where key_id = $1", key.KeyId);
        Assert.Null(await Register.FindOwnerAsync(text, Token));
    }
}
