using System.Text.Json.Nodes;
using Platform.Tests.Crash;
using Xunit;

namespace Platform.Tests.Scenarios.Sockets;

/// <summary>What holds whichever way a task comes: one task for one UUID, and nobody sees somebody else's.</summary>
[Collection(Stories.Name)]
public sealed class TenantStories(Stages stages)
{
    [Theory]
    [BothModes("sync")]
    [BothModes("async")]
    public async Task Of_twenty_identical_submissions_exactly_one_is_accepted(Mode mode, string delivery)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech(more: new JsonObject { ["deliveryMethod"] = delivery }.ToJsonString());
        var clients = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ => (await SocketClient.EnterAsync(customer)).Client));

        var overHttp = Enumerable.Range(0, 10).Select(async _ => await customer.SendAsync(task) is { Status: 200 } ? "" : "conflict").ToList();
        var overSocket = clients.Select(async client =>
        {
            await client.SendAsync(task);
            var frame = await client.ReceiveAsync();
            Assert.Equal(Ask.UuidOf(task), frame.TaskUuid);
            return frame.Items.Length == 1 ? "" : frame.Code;
        }).ToList();
        var outcomes = (await Task.WhenAll(overHttp.Concat(overSocket))).Order(StringComparer.Ordinal).ToList();

        Assert.Equal("", outcomes[0]);
        Assert.All(outcomes.Skip(1), outcome => Assert.StartsWith("conflict", outcome, StringComparison.Ordinal));
        Assert.Equal(1, await stage.AskAsync<long>("select count(*) from tasks where tenant_id = $1", customer.TenantId));
        await customer.PollToEndAsync(Ask.UuidOf(task));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Theory]
    [BothModes]
    public async Task A_foreign_key_finds_nothing_over_a_socket_either(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (owner, other) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var (own, _) = await SocketClient.EnterAsync(owner);
        var (foreign, _) = await SocketClient.EnterAsync(other);
        await using var first = own;
        await using var second = foreign;
        var (done, open) = (Ask.ForSpeech(), Ask.ForSpeech(SocketTexts.Long, """{"numberResults":4}"""));
        await own.SendAsync(done);
        await own.ReceiveAsync();
        await own.SendAsync(open);
        await Until.TrueAsync(async () => (await owner.PollAsync(Ask.UuidOf(open))).Status == 200);

        foreach (var uuid in (string[])[Ask.UuidOf(done), Ask.UuidOf(open)])
        {
            foreach (var ask in (Func<string, JsonObject>[])[Ask.About, Ask.ToCancel])
            {
                var none = Ask.NewUuid();
                await foreign.SendAsync(ask(uuid));
                var refused = await foreign.ReceiveAsync();
                await foreign.SendAsync(ask(none));
                Assert.Equal((await foreign.ReceiveAsync()).Text.Replace(none, uuid, StringComparison.Ordinal), refused.Text);
                Assert.Equal("taskNotFound", refused.Code);
            }
        }

        // It went on undisturbed, and every frame of it went to its owner.
        Assert.Equal(4, (await own.ReceiveAsync(4)).Count(frame => frame.TaskUuid == Ask.UuidOf(open)));
        await foreign.PingAsync();
        Assert.Equal(SocketTexts.Pong, (await foreign.ReceiveAsync()).Text);
    }
}
