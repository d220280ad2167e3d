using Platform.Bench.Operations;
using Platform.Tests.Crash;
using Platform.Tests.Fixtures;
using Platform.Tests.Scenarios.Sockets;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Processes that leave in good order, as in every upgrade.</summary>
[Collection(Stories.Name)]
public sealed class RollingTests(TestPostgres postgres, TestRabbit rabbit)
{
    [Fact]
    public async Task Every_role_is_restarted_under_load_and_no_customer_notices()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        Uri[] apis = [.. FreePort.Several(2).Select(static port => new Uri($"http://127.0.0.1:{port}"))];
        string[] roles = ["api", "api", "worker", "worker", "scheduler"];
        var running = await Task.WhenAll(roles.Select((role, i) => StartAsync(cluster, role, apis.ElementAtOrDefault(i))));
        await using var balancer = new Balancer(apis);
        await Until.TrueAsync(() => Task.FromResult(apis.All(balancer.IsReady)));
        var customer = await new Operator(balancer.Address, Cluster.AdminKey).NewCustomerAsync();
        using var load = new SteadyLoad(balancer.Address, customer.Key!, perSecond: 4);
        using var stop = new CancellationTokenSource();
        var sending = load.RunAsync(stop.Token);

        for (var i = 0; i < roles.Length; i++)
        {
            Assert.Equal(0, await running[i].StopAsync(TimeSpan.FromSeconds(60)));
            running[i] = await StartAsync(cluster, roles[i], apis.ElementAtOrDefault(i));
            await Until.TrueAsync(() => Task.FromResult(apis.All(balancer.IsReady)));
        }

        await stop.CancelAsync();
        await sending;
        Assert.True(load.Failed == 0, string.Join('\n', load.Faults));
        await using var source = Npgsql.NpgsqlDataSource.Create(cluster.ConnectionString);
        await using var count = source.CreateCommand("select count(*) from task_results");
        Assert.Equal(load.Answered, await count.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        await new Books(source).CheckAsync(customer.TenantId);
        await Task.WhenAll(running.Select(static one => one.StopAsync(TimeSpan.FromSeconds(60))));
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    [Fact]
    public async Task A_node_that_leaves_says_so_first_and_lets_nobody_wait_in_vain()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        await using var api = await cluster.StartAsync(
            "api", ("PLATFORM_URLS", cluster.Address.OriginalString), ("PLATFORM_API__DRAINDELAYSECONDS", "3"), ("PLATFORM_API__DRAINSECONDS", "1"));
        var customer = await new Operator(cluster.Address, Cluster.AdminKey).NewCustomerAsync();
        var waiting = customer.SendAsync(Ask.ForSpeech());
        await using var source = Npgsql.NpgsqlDataSource.Create(cluster.ConnectionString);
        await Until.TrueAsync(async () =>
        {
            await using var open = source.CreateCommand("select count(*) from open_tasks");
            return (long)(await open.ExecuteScalarAsync(TestContext.Current.CancellationToken))! == 1;
        });
        var (socket, _) = await SocketClient.EnterAsync(customer);
        await using var entered = socket;

        var stopped = api.StopAsync(TimeSpan.FromSeconds(60));

        await Until.TrueAsync(async () => (int)(await customer.GetAsync("health/ready")).StatusCode == 503, 3);
        var during = await customer.SendAsync(Ask.ForSpeech(more: """{"deliveryMethod":"async"}"""));
        Assert.Equal(200, during.Status);
        Assert.True(during.Response.Headers.ConnectionClose);
        Assert.Equal("syncTimeout", (await waiting).Code);
        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable, await socket.ReceiveCloseAsync());
        Assert.Equal(0, await stopped);
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    private static Task<ChildProcess> StartAsync(Cluster cluster, string role, Uri? address) => address is null
        ? cluster.StartAsync(role)
        : cluster.StartAsync(role, ("PLATFORM_URLS", address.OriginalString), ("PLATFORM_API__DRAINDELAYSECONDS", "5"));
}
