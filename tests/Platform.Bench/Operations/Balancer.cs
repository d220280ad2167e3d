using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Platform.Bench.Operations;

/// <summary>
/// A small TCP balancer as an installation has one in front of its api nodes: new connections go in turn to those whose
/// <c>/health/ready</c> says yes, and one that cannot be reached is passed over. A node that says no is left at once; one that is only
/// slow to answer has to be slow <see cref="MostSilences"/> times in a row, and a connection waits a while when no node is ready.
/// </summary>
internal sealed class Balancer : IAsyncDisposable
{
    private const int MostSilences = 3;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Uri, bool> _ready = new();
    private readonly ConcurrentDictionary<Uri, int> _silences = new();
    private readonly IReadOnlyList<Uri> _nodes;
    private readonly Task _work;
    private int _turn;

    public Balancer(IReadOnlyList<Uri> nodes)
    {
        _nodes = nodes;
        _listener.Start();
        _work = Task.WhenAll(AcceptAsync(), WatchAsync());
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    public bool IsReady(Uri node) => _ready.GetValueOrDefault(node);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _work;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        using var timer = new PeriodicTimer(BetweenLooks);
        try
        {
            do
            {
                await Task.WhenAll(_nodes.Select(async node => _ready[node] = await AskAsync(http, node)));
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task<bool> AskAsync(HttpClient http, Uri node)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(node, "/health/ready"), _stop.Token);
            _silences[node] = 0;
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!_stop.IsCancellationRequested)
        {
            return IsReady(node) && _silences.AddOrUpdate(node, 1, static (_, count) => count + 1) < MostSilences;
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptSocketAsync(_stop.Token));
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task CarryAsync(Socket client)
    {
        using (client)
        using (var node = await ConnectAsync())
        {
            if (node is not null)
            {
                client.NoDelay = node.NoDelay = true;
                await Task.WhenAll(CopyAsync(client, node), CopyAsync(node, client));
            }
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var ready = await ReadyNodesAsync();
        var first = (uint)Interlocked.Increment(ref _turn);
        for (var i = 0; i < ready.Count; i++)
        {
            var node = ready[(int)((first + i) % ready.Count)];
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, node.Port, _stop.Token);
                return socket;
            }
            catch (Exception fault) when (fault is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    private async Task<List<Uri>> ReadyNodesAsync()
    {
        for (var waited = TimeSpan.Zero; ; waited += BetweenLooks)
        {
            var ready = _nodes.Where(IsReady).ToList();
            if (ready.Count > 0 || waited >= LongestWait || _stop.IsCancellationRequested)
            {
                return ready;
            }

            await Task.Delay(BetweenLooks, CancellationToken.None);
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            // One end is gone: so is the other.
            from.Close();
            to.Close();
        }
    }
}
