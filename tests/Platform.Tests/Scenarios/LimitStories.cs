using System.Text.Json.Nodes;
using Platform.Tests.Crash;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>How much a tenant may ask for, and that others do not suffer from one who asks for much (contract, section 9).</summary>
[Collection(Stories.Name)]
public sealed class LimitStories(Stages stages)
{
    private static readonly string Long = string.Concat(Enumerable.Repeat("All work and no play. ", 90));

    [Theory]
    [BothModes]
    public async Task Requests_per_second_are_limited_with_429_and_its_headers_while_polls_and_pings_go_on(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await LimitedAsync(stage, "requests_per_second = 1, burst = 3");

        var mixed = await customer.SendAsync([.. Enumerable.Range(0, 50).Select(_ => Search())]);
        Assert.InRange(mixed.Items.Length, 3, 8);
        Assert.Equal(50, mixed.Items.Length + mixed.Errors.Length);
        Assert.All(mixed.Errors, error => Assert.Equal(
            ("rateLimitExceeded", "modelSearch", 36), ((string?)error["code"], (string?)error["taskType"], ((string?)error["taskUUID"])!.Length)));
        Assert.Equal("\"tasks\";q=3;w=3", Header(mixed, "RateLimit-Policy"));

        var refused = await Until.FoundAsync(async () => await customer.SendAsync(Search()) is { Status: 429 } reply ? reply : null);
        Assert.Equal("rateLimitExceeded", refused.Code);
        Assert.InRange(refused.Response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 3);
        Assert.StartsWith("\"tasks\";r=0;t=", Header(refused, "RateLimit"), StringComparison.Ordinal);

        var poll = await customer.PollAsync(Ask.NewUuid());
        Assert.Equal((404, "taskNotFound"), (poll.Status, poll.Code));
        Assert.Equal("\"polls\";q=15;w=3", Header(poll, "RateLimit-Policy"));
        Assert.Equal(50, (await customer.SendAsync([.. Enumerable.Repeat(new JsonObject { ["taskType"] = "ping" }, 50)])).Items.Length);

        // It took nothing from anybody else, and comes back by itself.
        Assert.Single((await (await stage.NewCustomerAsync()).SendAsync(Search())).Items);
        await Until.FoundAsync(async () => await customer.SendAsync(Search()) is { Status: 200 } reply ? reply : null);
    }

    [Theory]
    [BothModes]
    public async Task Queued_tasks_are_limited_exactly_and_a_refused_one_takes_nothing(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await LimitedAsync(stage, "max_queued = 3, max_running = 1");
        var crowd = Enumerable.Range(0, 10).Select(_ => Ask.ForSpeech(Long, """{"deliveryMethod":"async","numberResults":4}""")).ToArray();

        var reply = await customer.SendAsync(crowd);

        Assert.Equal(3, reply.Items.Length);
        Assert.All(reply.Errors, error => Assert.Equal("maxConcurrentTasksReached", (string?)error["code"]));
        var refused = await customer.SendAsync(Ask.ForSpeech());
        Assert.Equal((429, "maxConcurrentTasksReached"), (refused.Status, refused.Code));
        var accepted = reply.Items.Select(Ask.UuidOf).ToHashSet(StringComparer.Ordinal);
        var left = crowd.First(task => !accepted.Contains(Ask.UuidOf(task)));
        Assert.Equal("taskNotFound", (await customer.PollAsync(Ask.UuidOf(left))).Code);
        await customer.SendAsync([.. accepted.Select(Ask.ToCancel)]);

        // The same UUID is still free.
        Assert.Single((await customer.SendAsync(left)).Items);
        await customer.SendAsync(Ask.ToCancel(Ask.UuidOf(left)));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
        Assert.Equal(0, await stage.AskAsync<int>("select open_tasks from accounts where tenant_id = $1", customer.TenantId));
    }

    [Theory]
    [BothModes]
    public async Task A_tenant_that_may_run_one_task_at_a_time_gets_all_done_one_after_the_other(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await LimitedAsync(stage, "max_running = 1");
        var tasks = Enumerable.Range(0, 6).Select(_ => Ask.ForSpeech(Long[..400], """{"deliveryMethod":"async"}""")).ToArray();
        await customer.SendAsync(tasks);

        await Until.TrueAsync(async () =>
        {
            Assert.InRange(
                await stage.AskAsync<long>(
                    "select count(*) from open_tasks where tenant_id = $1 and lease_token is not null", customer.TenantId),
                0, 1);
            return await stage.AskAsync<long>("select count(*) from tasks where tenant_id = $1 and state = 'succeeded'", customer.TenantId) == 6;
        });
    }

    [Theory]
    [BothModes]
    public async Task A_tenant_with_a_long_queue_hardly_delays_another(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (busy, other) = (await stage.NewCustomerAsync(usd: 50), await stage.NewCustomerAsync());
        var crowd = Enumerable.Range(0, 200).Select(_ => Ask.ForSpeech(Long, """{"deliveryMethod":"async"}""")).ToArray();
        foreach (var part in crowd.Chunk(50))
        {
            Assert.Equal(part.Length, (await busy.SendAsync(part)).Items.Length);
        }

        await other.SpeakAsync(Ask.ForSpeech());

        var waiting = await stage.AskAsync<long>("select count(*) from open_tasks where tenant_id = $1", busy.TenantId);
        foreach (var part in crowd.Chunk(50))
        {
            await busy.SendAsync([.. part.Select(task => Ask.ToCancel(Ask.UuidOf(task)))]);
        }

        Assert.InRange(waiting, 100, 200);
    }

    private static JsonObject Search() => new() { ["taskType"] = "modelSearch", ["taskUUID"] = Ask.NewUuid() };

    private static string Header(Reply reply, string name) => string.Join(',', reply.Response.Headers.GetValues(name));

    // Before its key is used for the first time, so that no node believes in older limits.
    private static async Task<Customer> LimitedAsync(Stage stage, string limits)
    {
        var customer = await stage.NewCustomerAsync(usd: 50);
        await stage.ChangeAsync($"update tenants set {limits} where tenant_id = $1", customer.TenantId);
        return customer;
    }
}
