using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Platform.Outbound;

namespace Platform.Tests.Outbound;

/// <summary>
/// The guard between names that a test makes up and a connector that only notes where it would have gone, so that no packet leaves
/// whatever the guard lets through.
/// </summary>
internal sealed class RecordedNetwork
{
    private readonly ConcurrentQueue<IPEndPoint> connected = new();
    private readonly ConcurrentQueue<string> lookedUp = new();
    private readonly OutboundOptions options = new();

    public RecordedNetwork(params string[] allowed)
    {
        foreach (var network in allowed)
        {
            options.AllowedNetworks.Add(network);
        }
    }

    /// <summary>Answers of the resolver, one after the other; the last one stays.</summary>
    public Dictionary<string, Queue<string[]>> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<IPEndPoint> Connected => connected;

    public IReadOnlyCollection<string> LookedUp => lookedUp;

    /// <summary>Addresses that answer; the connector refuses all others.</summary>
    public HashSet<IPAddress> Listening { get; } = [];

    public IList<int> ExtraPorts => options.ExtraPorts;

    public OutboundGuard Guard => new(Options.Create(options), LookUpAsync, TimeProvider.System);

    public HttpClient Client() => new OutboundClients(Guard, ConnectAsync, Options.Create(options), TimeProvider.System)
        .Create(new OutboundLimits(TimeSpan.FromSeconds(20), 1000));

    public void Name(string host, params string[][] answers) => Names[host] = new Queue<string[]>(answers);

    private Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellation)
    {
        lookedUp.Enqueue(host);
        if (!Names.TryGetValue(host, out var answers))
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var answer = answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        return Task.FromResult(answer.Select(IPAddress.Parse).ToArray());
    }

    private ValueTask<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellation)
    {
        connected.Enqueue(address);
        return Listening.Contains(address.Address)
            ? ValueTask.FromResult<Stream>(new CannedAnswer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray()))
            : throw new SocketException((int)SocketError.ConnectionRefused);
    }

    /// <summary>Swallows a request and gives one answer.</summary>
    private sealed class CannedAnswer(byte[] answer) : MemoryStream(answer, writable: false)
    {
        public override bool CanWrite => true;

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.CompletedTask;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;
    }
}
