using Platform.Tests.Crash;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>An installation that is put together by hand: the operator's verbs, an api that has no worker yet, then a worker.</summary>
[Collection(Stories.Name)]
public sealed class LateWorkerTests(TestPostgres postgres, TestRabbit rabbit)
{
    [Fact]
    public async Task A_sync_caller_is_told_to_poll_when_it_takes_too_long_and_the_task_goes_on()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        var tenant = await cluster.RunVerbAsync("tenants", "create", "--name", "acme", "--credit", "0.0002", "--json");
        var key = await cluster.RunVerbAsync("keys", "create", "--tenant", (string)tenant["tenantId"]!, "--json");
        await using var api = await cluster.StartAsync(
            "api,scheduler", ("PLATFORM_URLS", cluster.Address.OriginalString), ("PLATFORM_DELIVERY__SYNCTIMEOUTSECONDS", "1"));
        var customer = new Customer(cluster.Address, (string)key["key"]!) { TenantId = (Guid)tenant["tenantId"]! };
        var task = Ask.ForSpeech(more: """{"numberResults":2}""");

        var late = await customer.SendAsync(task);

        Assert.Equal((400, "syncTimeout", Ask.UuidOf(task)), (late.Status, late.Code, (string?)late.Error["taskUUID"]));
        var waiting = await customer.PollAsync(Ask.UuidOf(task));
        Listed.Same(["processing", "processing"], waiting.Items.Select(item => (string?)item["status"]));
        Assert.Equal("insufficientCredits", (await customer.SendAsync(Ask.ForSpeech())).Code);
        await using var worker = await cluster.StartAsync("worker");
        Listed.Same(
            ["success", "success"], (await customer.PollToEndAsync(Ask.UuidOf(task))).Items.Select(item => (string?)item["status"]));

        await AddCreditTwiceAsync(cluster, (string)tenant["tenantId"]!);
        Assert.Single(await customer.SpeakAsync(Ask.ForSpeech()));
        await using var source = Npgsql.NpgsqlDataSource.Create(cluster.ConnectionString);
        await new Books(source).CheckAsync();
        Assert.Equal(0, await worker.StopAsync());
        Assert.Equal(0, await api.StopAsync());
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    [Theory]
    [InlineData("worker")]
    [InlineData("scheduler")]
    public async Task A_process_that_is_not_told_the_public_address_does_not_start(string role)
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => cluster.StartAsync(role, ("PLATFORM_STORAGE__PUBLICBASEURL", "")));

        Assert.Contains("Storage:PublicBaseUrl", refused.Message, StringComparison.Ordinal);
    }

    private static async Task AddCreditTwiceAsync(Cluster cluster, string tenant)
    {
        string[] add = ["credits", "add", "--tenant", tenant, "--amount", "0.0001", "--reference", "invoice 1", "--json"];
        var (first, second) = (await cluster.RunVerbAsync(add), await cluster.RunVerbAsync(add));
        Assert.Equal((true, 100), ((bool)first["booked"]!, (int)first["amount"]!));
        Assert.Equal((false, 100), ((bool)second["booked"]!, (int)second["amount"]!));
        Assert.Equal((long)first["entryId"]!, (long)second["entryId"]!);
    }
}
