using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Platform.Ledger;
using Platform.Persistence;
using Platform.Tenants;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Makes a tenant with a key straight in the database: a verb's process would take longer than most stories.</summary>
internal static class NewTenant
{
    public static async Task<Customer> RegisterAsync(string connectionString, Uri address, decimal usd)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var database = new Database(connectionString + ";Pooling=false", maxConnections: 5);
        var options = new DbContextOptionsBuilder<PlatformDb>().UseNpgsql(database.Durable).Options;
        var register = new RegisterTenants(new PooledDbContextFactory<PlatformDb>(options, 2), TimeProvider.System);
        var tenant = await register.CreateTenantAsync("story", weight: 1, cancellation);
        if (usd > 0)
        {
            await new AddCredit(database).RunAsync(tenant.TenantId, (long)(usd * 1_000_000), "opening", "For a story", cancellation);
        }

        var (_, key) = await register.CreateKeyAsync(tenant.TenantId, "test", "story", cancellation);
        return new Customer(address, key) { TenantId = tenant.TenantId };
    }
}
