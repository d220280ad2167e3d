using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What an operator does at one api node holds within five seconds at every other, and what comes for one worker any of them hears.</summary>
[Collection(Stories.Name)]
public sealed class TwoNodesTests(TestPostgres postgres, TestRabbit rabbit)
{
    private const double Soon = 5;
    private const string Pool = "qwen3_tts_customvoice";

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

    [Fact]
    public async Task Every_worker_of_a_pool_hears_its_knocks_also_those_that_come_later()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        var first = await cluster.StartAsync("worker");
        await using var second = await cluster.StartAsync("worker");
        await Until.TrueAsync(async () => await cluster.CountListenersAsync(Pool) == 2);

        await first.StopAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1U, await cluster.CountListenersAsync(Pool));
        await using var third = await cluster.StartAsync("worker");
        await Until.TrueAsync(async () => await cluster.CountListenersAsync(Pool) == 2);

        // A queue that ended with its last worker would take the exchange along, and with it the channel of whoever knocks next.
        await second.StopAsync(TimeSpan.FromSeconds(60));
        await third.StopAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0U, await cluster.CountListenersAsync(Pool));
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    private static JsonObject Ping => new() { ["taskType"] = "ping", ["ping"] = true };
}
