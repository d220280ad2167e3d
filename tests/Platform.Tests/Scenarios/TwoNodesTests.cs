using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What an operator does at one api node holds within five seconds at every other.</summary>
[Collection(Stories.Name)]
public sealed class TwoNodesTests(TestPostgres postgres, TestRabbit rabbit)
{
    private const double Soon = 5;

    [Fact]
    public async Task Revoking_suspending_and_lifting_at_one_node_hold_at_the_other()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        var other = new Uri($"http://127.0.0.1:{FreePort.One()}");
        await using var first = await cluster.StartAsync("api", ("PLATFORM_URLS", cluster.Address.OriginalString));
        await using var second = await cluster.StartAsync("api", ("PLATFORM_URLS", other.OriginalString));
        var here = new Operator(cluster.Address, Cluster.AdminKey);
        var customer = (await here.NewCustomerAsync()).At(other);
        Assert.Equal(200, (await customer.SendAsync(Ping)).Status);

        await here.PatchAsync($"tenants/{customer.TenantId}", """{"suspended":true}""");
        await Until.TrueAsync(async () => (await customer.SendAsync(Ping)).Status == 403, Soon);
        await here.PatchAsync($"tenants/{customer.TenantId}", """{"suspended":false}""");
        await Until.TrueAsync(async () => (await customer.SendAsync(Ping)).Status == 200, Soon);

        var keyId = (string)(await here.At(other).GetAsync($"tenants/{customer.TenantId}/keys")).Items[0]["keyId"]!;
        await here.DeleteAsync($"keys/{keyId}");
        await Until.TrueAsync(async () => (await customer.SendAsync(Ping)).Status == 401, Soon);
        cluster.Folder.Dispose();
    }

    private static JsonObject Ping => new() { ["taskType"] = "ping", ["ping"] = true };
}
