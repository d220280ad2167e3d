using System.Text;
using RabbitMQ.Client;
using Xunit;

namespace Platform.Tests.Fixtures;

public sealed class RabbitNodeTests(TestRabbit shared)
{
    [Fact]
    public async Task A_quorum_queue_keeps_its_message_over_a_restart_and_a_crash()
    {
        await using var node = await RabbitNode.StartNewAsync();
        await PublishAsync(node.Uri, "work", "still here");

        await node.StopAsync();
        await node.StartAsync();
        Assert.Equal("still here", await PeekAsync(node.Uri, "work"));

        await node.KillAsync();
        await node.StartAsync();
        Assert.Equal("still here", await PeekAsync(node.Uri, "work"));
    }

    [Fact]
    public async Task The_shared_node_takes_connections()
    {
        var queue = "fixture-" + Guid.NewGuid().ToString("n");
        var uri = await shared.GetUriAsync();

        await PublishAsync(uri, queue, "hello");

        Assert.Equal("hello", await PeekAsync(uri, queue));
    }

    private static async Task PublishAsync(Uri uri, string queue, string text)
    {
        await using var connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync();
        // With confirms tracked, the publish returns when the message is safe.
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var quorum = new Dictionary<string, object?>(StringComparer.Ordinal) { ["x-queue-type"] = "quorum" };
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, quorum);
        await channel.BasicPublishAsync("", queue, mandatory: true, Encoding.UTF8.GetBytes(text));
    }

    private static async Task<string> PeekAsync(Uri uri, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        // Without an acknowledgement the message goes back when the channel closes.
        var message = await channel.BasicGetAsync(queue, autoAck: false);
        Assert.NotNull(message);
        return Encoding.UTF8.GetString(message.Body.Span);
    }
}
