using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Platform.Bench.Report;
using Platform.Bench.Stage;

namespace Platform.Bench.Media;

/// <summary>GETs of one 200 kB file over connections that are kept, every fourth for a range; the server's memory before and after.</summary>
internal sealed class MediaMeasure(PlatformNodes nodes, TimeSpan warmUp, TimeSpan window)
{
    private const int Connections = 32;
    private const int FileBytes = 200_000;
    private long answered;
    private long bytes;

    public async Task<MediaFigure> MeasureAsync(Func<double> readMegabytes, CancellationToken cancellation)
    {
        var path = await UploadAsync(cancellation);
        await RunAsync(path, warmUp, cancellation);
        (answered, bytes) = (0, 0);
        var before = readMegabytes();
        var start = Stopwatch.GetTimestamp();
        await RunAsync(path, window, cancellation);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new MediaFigure(answered / seconds, bytes / seconds / 1e6, before, readMegabytes());
    }

    /// <summary>Mono, 16 bits, 24 kHz: a reference recording of some four seconds that the platform takes and gives out again as it is.</summary>
    internal static byte[] Wav()
    {
        var file = new byte[FileBytes];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), FileBytes - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), 24_000);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), 48_000);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), FileBytes - 44);
        for (var i = 44; i < FileBytes; i += 2)
        {
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(i), (short)(8000 * Math.Sin(i / 30.0)));
        }

        return file;
    }

    private async Task<string> UploadAsync(CancellationToken cancellation)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", nodes.Key);
        var task = new JsonObject
        {
            ["taskType"] = "mediaStorage", ["taskUUID"] = Guid.NewGuid().ToString(), ["operation"] = "upload",
            ["media"] = Convert.ToBase64String(Wav()),
        };
        using var body = new StringContent(new JsonArray(task).ToJsonString(), Encoding.UTF8, "application/json");
        using var reply = await client.PostAsync(new Uri(nodes.Address, "v1"), body, cancellation);
        var text = await reply.Content.ReadAsStringAsync(cancellation);
        return JsonNode.Parse(text)?["data"]?[0]?["mediaURL"] is { } url
            ? new Uri((string)url!).AbsolutePath
            : throw new BenchException($"the file to be measured was not taken: {text}");
    }

    private Task RunAsync(string path, TimeSpan time, CancellationToken cancellation)
    {
        var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        return Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => LoadAsync(path, end, cancellation), cancellation)));
    }

    private async Task LoadAsync(string path, long end, CancellationToken cancellation)
    {
        var whole = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n");
        var range = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: bench\r\nRange: bytes=50000-149999\r\n\r\n");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, nodes.Address.Port), cancellation);
        var buffer = new byte[256 * 1024];
        for (var i = 0; Stopwatch.GetTimestamp() < end; i++)
        {
            await socket.SendAsync(i % 4 == 3 ? range : whole, cancellation);
            Interlocked.Add(ref bytes, await ReadAsync(socket, buffer, i % 4 == 3 ? 100_000 : FileBytes, cancellation));
            Interlocked.Increment(ref answered);
        }
    }

    private static async Task<int> ReadAsync(Socket socket, byte[] buffer, int expected, CancellationToken cancellation)
    {
        var (head, have) = (-1, 0);
        while (head < 0 || have < head + expected)
        {
            var count = await socket.ReceiveAsync(buffer.AsMemory(have), cancellation);
            have += count > 0 ? count : throw new BenchException("the api closed a connection of the media measure");
            if (head < 0 && buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8) is >= 0 and var end)
            {
                head = end + 4;
                if (!Encoding.ASCII.GetString(buffer, 0, head).Contains($"Content-Length: {expected}\r\n", StringComparison.Ordinal))
                {
                    throw new BenchException($"not the file that was asked for: {Encoding.ASCII.GetString(buffer, 0, head)}");
                }
            }
        }

        return have;
    }
}
