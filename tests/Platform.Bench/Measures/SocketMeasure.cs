using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Platform.Bench.Report;
using Platform.Bench.Stage;

namespace Platform.Bench.Measures;

/// <summary>Opens sockets, authenticates each, leaves them idle, and reads what the api holds more than before.</summary>
internal static class SocketMeasure
{
    private const int AtOnce = 32;
    private const int WarmUp = 20;

    // The collector gives memory back a while after the work; a few even readings in a row are the cost of idling.
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    public static async Task<SocketFigure> MeasureAsync(PlatformNodes nodes, int api, int count, CancellationToken cancellation)
    {
        var sockets = new List<ClientWebSocket>();
        try
        {
            // The first ones bring in code that every later one shares.
            await OpenAsync(nodes, WarmUp, sockets, cancellation);
            var before = await SettledAsync(api, cancellation);
            var start = Stopwatch.GetTimestamp();
            await OpenAsync(nodes, count, sockets, cancellation);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var after = await SettledAsync(api, cancellation);
            var lost = sockets.Count(static socket => socket.State != WebSocketState.Open);
            return lost == 0
                ? new SocketFigure(count, after - before, count / seconds)
                : throw new BenchException($"{lost} of {sockets.Count} idle sockets were lost");
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    private static async Task OpenAsync(PlatformNodes nodes, int count, List<ClientWebSocket> sockets, CancellationToken cancellation)
    {
        foreach (var group in Enumerable.Range(0, count).Chunk(AtOnce))
        {
            var opened = Array.ConvertAll(group, static _ => new ClientWebSocket());
            sockets.AddRange(opened);
            await Task.WhenAll(opened.Select(socket => EnterAsync(socket, nodes, cancellation)));
        }
    }

    private static async Task EnterAsync(ClientWebSocket socket, PlatformNodes nodes, CancellationToken cancellation)
    {
        await socket.ConnectAsync(new UriBuilder(nodes.Address) { Scheme = "ws", Path = "/v1" }.Uri, cancellation);
        var task = Encoding.UTF8.GetBytes($$"""[{"taskType":"authentication","apiKey":"{{nodes.Key}}"}]""");
        await socket.SendAsync(task, WebSocketMessageType.Text, endOfMessage: true, cancellation);
        var answer = new byte[512];
        var length = (await socket.ReceiveAsync(answer.AsMemory(), cancellation)).Count;
        var text = Encoding.UTF8.GetString(answer, 0, length);
        if (!text.Contains("connectionSessionUUID", StringComparison.Ordinal))
        {
            throw new BenchException($"a socket was not let in: {text}");
        }
    }

    private static async Task<double> SettledAsync(int process, CancellationToken cancellation)
    {
        var lowest = double.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(Between, cancellation);
            lowest = Math.Min(lowest, ReadMegabytes(process));
        }

        return lowest;
    }

    private static double ReadMegabytes(int process)
    {
        const string label = "VmRSS:";
        var line = File.ReadLines($"/proc/{process}/status").First(static line => line.StartsWith(label, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(label.Length, line.Length - label.Length - 2).Trim(), CultureInfo.InvariantCulture) / 1024.0;
    }
}
