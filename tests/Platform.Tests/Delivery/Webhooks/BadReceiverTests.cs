using System.Net.Sockets;
using System.Text;
using Platform.Tests.Outbound;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

/// <summary>Whatever a receiver does with a request, there is one attempt in the history that says so, ended in its time and with a kilobyte at most.</summary>
public sealed class BadReceiverTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private const double Patience = 0.5;

    private static readonly Dictionary<string, Func<NetworkStream, CancellationToken, Task>> Acts = new(StringComparer.Ordinal)
    {
        ["drips a head that never ends"] = (stream, stop) =>
            ActingReceiver.DripAsync(stream, [.. "HTTP/1.1 200 OK\r\nX-Long: "u8, .. Enumerable.Repeat((byte)'x', 100_000)], stop),
        ["drips a body"] = (stream, stop) => AnswerAsync(stream, "200 OK", 1000, () =>
            ActingReceiver.DripAsync(stream, Enumerable.Repeat((byte)'y', 1000), stop), stop),
        ["answers 100 MB"] = (stream, stop) => AnswerAsync(stream, "500 Broken", 100_000_000, async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(new string('z', 1_000_000)), stop);
            }
        }, stop),
        ["sends it to the metadata address"] = (stream, stop) =>
            AnswerAsync(stream, "302 Found\r\nLocation: http://169.254.169.254/latest/meta-data/", 0, () => Task.CompletedTask, stop),
        ["closes at once"] = static (_, _) => Task.CompletedTask,
        ["speaks no HTTP"] = async (stream, stop) => await stream.WriteAsync("220 mail.example ESMTP ready\r\n"u8.ToArray(), stop),
        ["reads nothing and says nothing"] = (_, stop) => Task.Delay(Timeout.Infinite, stop),
    };

    [Theory]
    [InlineData("drips a head that never ends", null, "The receiver did not answer within 0.5 s.", "waiting")]
    [InlineData("drips a body", 200, null, "delivered")]
    [InlineData("answers 100 MB", 500, "The receiver answered 500.", "waiting")]
    [InlineData("sends it to the metadata address", 302, "The receiver answered 302; redirects are not followed.", "waiting")]
    [InlineData("closes at once", null, "The connection was closed before an answer came.", "waiting")]
    [InlineData("speaks no HTTP", null, "The answer is not HTTP.", "waiting")]
    [InlineData("reads nothing and says nothing", null, "The receiver did not answer within 0.5 s.", "waiting")]
    public async Task Is_a_recorded_bounded_attempt(string act, int? status, string? error, string state)
    {
        await using var receiver = new ActingReceiver(Acts[act]);
        await using var stage = new WebhookStage(spine, static options => options.TimeoutSeconds = Patience);
        var tenant = await spine.TenantAsync();
        var id = await stage.DueAsync(tenant, receiver.Url);

        stage.StartSender();
        await Poll.UntilAsync("an attempt is recorded", async () => (await stage.AttemptsAsync(tenant, id)).Count > 0);

        var first = (await stage.AttemptsAsync(tenant, id))[0];
        Assert.Equal((1, status), (first.Attempt, first.Status));
        if (string.Equals(act, "closes at once", StringComparison.Ordinal))
        {
            // Closed while the request was still on its way, it is a broken connection: which of the two is the network's choice.
            Assert.Contains(first.Error, [error, "The connection broke.", "No connection came about: ConnectionReset."], StringComparer.Ordinal);
        }
        else
        {
            Assert.Equal(error, first.Error);
        }

        Assert.InRange(first.DurationMs, 0, 5000);
        Assert.True((first.Answer ?? "").Length <= 1024);
        Assert.Equal(state, await stage.StateAsync(id) == "delivered" ? "delivered" : "waiting");
    }

    private static async Task AnswerAsync(NetworkStream stream, string status, int length, Func<Task> sendBody, CancellationToken stop)
    {
        var head = new byte[4096];
        while (!Encoding.ASCII.GetString(head, 0, await stream.ReadAsync(head, stop)).Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            // The head comes in one piece on loopback, and what follows it is not needed.
            continue;
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n"), stop);
        await sendBody();
    }
}
