using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Platform.Tests.Scenarios.Sockets;
using Xunit;

namespace Platform.Tests.Scenarios.Sdks;

/// <summary>
/// @runware/sdk: socket or REST, async unless told otherwise. It drops the data of a frame that has errors, gives an error without a
/// taskUUID to every pending call, and reads a refused key from the singular <c>error</c>.
/// </summary>
[Collection(Stories.Name)]
public sealed class TsSdkStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task Authentication_is_answered_by_a_session_that_is_text(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));

        await client.PingAsync();
        Assert.Equal(SocketTexts.Pong, (await client.ReceiveAsync()).Text);
    }

    [Theory]
    [BothModes]
    public async Task A_wrong_key_is_read_from_the_singular_error(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        await using var client = await SocketClient.ConnectAsync(stage.Address);

        await client.SendAsync(SocketClient.AuthenticationOf("wrong"));

        var envelope = JsonNode.Parse((await client.ReceiveAsync(seconds: 15)).Text)!;
        Assert.Equal("invalidApiKey", (string?)envelope["error"]!["code"]);
        Assert.Equal(WebSocketState.Open, client.Socket.State);
    }

    [Theory]
    [BothModes]
    public async Task An_async_call_over_a_socket_is_acknowledged_and_polled_with_growing_pauses(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var task = SdkTasks.Run(results: 2);

        await client.SendAsync(task);
        var acknowledgement = await client.ReceiveAsync(seconds: 30);
        Assert.Equal($$"""{"data":[{"taskType":"audioInference","taskUUID":"{{Ask.UuidOf(task)}}"}]}""", acknowledgement.Text);

        var final = await Until.FoundAsync(async () =>
        {
            await client.SendAsync(Ask.About(Ask.UuidOf(task)));
            var poll = await client.ReceiveAsync();
            Assert.Equal(2, poll.Items.Length);
            return poll.Items.All(item => (string?)item["status"] == "success") ? poll : null;
        });

        // Its callbacks fire by position: a later poll must show the same order.
        await client.SendAsync(Ask.About(Ask.UuidOf(task)));
        Assert.Equal(final.Text, (await client.ReceiveAsync()).Text);
    }

    [Theory]
    [BothModes]
    public async Task Concurrent_calls_on_one_socket_are_told_apart_and_an_error_ends_only_its_own(Mode mode)
    {
        await using var client = await ConnectAsync(await NewCustomerAsync(mode));
        var good = Enumerable.Range(0, 4).Select(_ => SdkTasks.Run("sync", 2)).ToList();
        var bad = SdkTasks.Run("sync", voice: "nobody");

        foreach (var task in (JsonObject[])[.. good, bad])
        {
            await client.SendAsync(task);
        }

        var frames = await client.ReceiveAsync(9);
        Assert.All(good, task => Assert.Equal(2, frames.Count(frame => frame.TaskUuid == Ask.UuidOf(task) && frame.Items.Length == 1)));
        Assert.Equal(Ask.UuidOf(bad), Assert.Single(frames, frame => frame.Errors.Length > 0).TaskUuid);
    }

    [Theory]
    [BothModes]
    public async Task Pending_calls_survive_a_reconnect(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        var (first, session) = await SocketClient.EnterAsync(customer);
        var task = Ask.ForSpeech(SocketTexts.Long, """{"deliveryMethod":"sync","numberResults":3}""");
        await first.SendAsync(task);
        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.UuidOf(task))).Status == 200);
        first.Break();
        await customer.PollToEndAsync(Ask.UuidOf(task));

        var (again, same) = await SocketClient.EnterAsync(customer, session);
        await using var owned = again;

        Assert.Equal(session, same);
        Assert.Equal(3, (await again.ReceiveAsync(3)).Select(frame => (string?)frame.Item["audioUUID"]).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [BothModes]
    public async Task Over_rest_a_sync_error_has_a_status_that_is_not_2xx_and_a_success_has_no_errors_key(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);

        var (good, bad) = (await customer.SendAsync(SdkTasks.Run("sync")), await customer.SendAsync(SdkTasks.Run("sync", voice: "nobody")));

        Assert.NotNull(good.Item["audioURL"]);
        Assert.DoesNotContain("\"errors\"", good.Text, StringComparison.Ordinal);
        Assert.Equal((400, "invalidSpeechVoice"), (bad.Status, bad.Code));
        Assert.Equal("application/json", good.Response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [BothModes]
    public async Task Over_rest_what_was_refused_for_the_moment_is_sent_again_with_the_same_uuid_and_is_no_conflict(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        await stage.ChangeAsync("update tenants set requests_per_second = 1, burst = 1 where tenant_id = $1", customer.TenantId);
        var task = SdkTasks.Run("sync");
        await Until.TrueAsync(async () => (await customer.SendAsync(SdkTasks.Run("sync", voice: "nobody"))).Status == 429);

        // Three more tries with growing pauses, as for every 429 and 5xx.
        var reply = await customer.SendAsync(task);
        for (var pause = 1; reply.Status == 429 && pause <= 4; pause *= 2)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(pause));
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            reply = await customer.SendAsync(task);
        }

        Assert.NotNull(reply.Item["audioURL"]);
    }

    [Theory]
    [BothModes]
    public async Task Over_rest_a_poll_counts_the_successes_of_one_reply(Mode mode)
    {
        var customer = await NewCustomerAsync(mode);
        var task = SdkTasks.Run(results: 3);
        Listed.Same(["taskType", "taskUUID"], (await customer.SendAsync(task)).Item.Select(member => member.Key));

        var reply = await customer.PollToEndAsync(Ask.UuidOf(task));

        Assert.Equal(3, reply.Items.Count(item => (string?)item["status"] == "success"));
    }

    private async Task<Customer> NewCustomerAsync(Mode mode) => await (await stages.OnAsync(mode)).NewCustomerAsync();

    private static async Task<SocketClient> ConnectAsync(Customer customer)
    {
        // It offers compression; an answer without it is as good.
        var client = await SocketClient.ConnectAsync(customer.Address, change: options =>
        {
            options.SetRequestHeader("User-Agent", "runware-typescript/1.6.8 (node/22.1.0) schemas/2026-01-01");
            options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        });
        await client.SendAsync(SocketClient.AuthenticationOf(customer.Key));
        Assert.True(Guid.TryParse(SocketClient.SessionOf(await client.ReceiveAsync(seconds: 15)), out _));
        return client;
    }
}
