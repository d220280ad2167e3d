using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Xunit;

namespace Platform.Tests.Outbound;

/// <summary>A loopback server that answers each request with fixed bytes, right or wrong, and then falls silent.</summary>
internal sealed class RawReceiver : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Channel<string[]> heard = Channel.CreateUnbounded<string[]>();
    private Task serving = Task.CompletedTask;
    private int connections;

    private RawReceiver() => listener.Start();

    public string Url => $"http://{listener.LocalEndpoint}/";

    public int Connections => connections;

    /// <param name="answer">Sent after each request's head.</param>
    /// <param name="closes">Closes the connection then, instead of leaving it open.</param>
    /// <param name="repeat">Requests that one connection may send.</param>
    public static RawReceiver Start(string answer, bool closes = false, int repeat = 1)
    {
        var receiver = new RawReceiver();
        receiver.serving = receiver.ServeAsync(Encoding.Latin1.GetBytes(answer), closes, repeat);
        return receiver;
    }

    /// <summary>The heads of the first requests, each as its lines.</summary>
    public async Task<IReadOnlyList<string[]>> HeardAsync(int count)
    {
        var heads = new List<string[]>();
        while (heads.Count < count)
        {
            heads.Add(await heard.Reader.ReadAsync(TestContext.Current.CancellationToken));
        }

        return heads;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync(byte[] answer, bool closes, int repeat)
    {
        var open = new List<TcpClient>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                open.Add(client);
                connections++;
                for (var i = 0; i < repeat && await ReadHeadAsync(client.GetStream()) is { } head; i++)
                {
                    await client.GetStream().WriteAsync(answer, stop.Token);
                    heard.Writer.TryWrite(head);
                }

                if (closes)
                {
                    client.Dispose();
                }
            }
        }
        // A listener that was stopped between two clients says so as an invalid operation.
        catch (Exception end) when (end is OperationCanceledException or SocketException or IOException or InvalidOperationException)
        {
            heard.Writer.TryComplete();
        }
        finally
        {
            open.ForEach(client => client.Dispose());
        }
    }

    private async Task<string[]?> ReadHeadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[1024];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(buffer, stop.Token);
            if (count == 0)
            {
                return null;
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }
}
