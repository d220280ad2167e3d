using System.Collections.Concurrent;
using System.Net.WebSockets;
using Microsoft.Extensions.Options;

namespace Platform.Api.Sockets;

/// <summary>The sockets of this process: looks now and then which of them have had their time, and closes all when the process stops.</summary>
internal sealed class OpenSockets(Sessions sessions, SocketFrames frames, IOptions<SocketOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<SocketState, byte> _open = new();
    private readonly ConcurrentQueue<SocketState> _arrivals = new();
    private readonly SocketOptions _options = options.Value;
    private bool _isStopping;

    public int Count => _open.Count;

    public bool IsFull => _isStopping || _open.Count >= _options.MaxSockets;

    /// <summary>The keys by which clients are connected at this moment.</summary>
    public IReadOnlySet<Guid> Keys => _open.Keys.Select(static state => state.Member?.KeyId).OfType<Guid>().ToHashSet();

    public void Add(SocketState state)
    {
        _open[state] = 0;
        _arrivals.Enqueue(state);

        // Whoever opens sockets and says nothing drives out his own kind: a client with a key has given it long before so many have followed.
        while (_arrivals.Count > _options.MaxStrangers && _arrivals.TryDequeue(out var oldest))
        {
            if (oldest.Member is null)
            {
                oldest.Wire.Abort();
            }
        }

        if (_isStopping)
        {
            // It came through the door while that was being shut.
            _ = StopAsync(state);
        }
    }

    public void Remove(SocketState state)
    {
        _open.TryRemove(state, out _);
        state.Member?.Session.Leave(state.Wire);
    }

    /// <summary>Closes what is idle, unknown for too long or refused, and forgets sessions whose client stayed away.</summary>
    public void Sweep()
    {
        foreach (var state in _open.Keys)
        {
            if (state.Wire.IsOverdue)
            {
                state.Wire.Abort();
            }
            else if (!state.Wire.IsClosing && Verdict(state) is { } verdict)
            {
                _ = state.Wire.CloseAsync(verdict.Status, verdict.Reason);
            }
        }

        sessions.Expire();
    }

    /// <summary>Tells the clients of these keys that they are not welcome any more, and closes their sockets.</summary>
    public async Task RefuseAsync(IReadOnlySet<Guid> keys)
    {
        var refused = _open.Keys.Where(state => state.Member is { } member && keys.Contains(member.KeyId));
        await Task.WhenAll(refused.Select(async state =>
        {
            await state.Wire.SendAsync(frames.OfRefusal(Authenticate.Invalid));
            await state.Wire.CloseAsync(WebSocketCloseStatus.PolicyViolation, "The API key is no longer valid.");
        }));
    }

    /// <summary>Waits for what is under way, as long as a stop may take, and closes each socket when it has had its answers.</summary>
    public Task StopAsync()
    {
        _isStopping = true;
        return Task.WhenAll(_open.Keys.Select(StopAsync));
    }

    private async Task StopAsync(SocketState state)
    {
        // What is not finished by then goes on without this node, and getResponse finds it.
        await Task.WhenAny(
            FinishAsync(state, state.UnderWay.StopAsync()), Task.Delay(TimeSpan.FromSeconds(_options.DrainSeconds), time));
        await state.Wire.CloseAsync(WebSocketCloseStatus.EndpointUnavailable, "The server is stopping.");
    }

    private static async Task FinishAsync(SocketState state, Task done)
    {
        await done;
        if (state.Member is { } member)
        {
            await member.Session.EmptyAsync();
        }
    }

    private (WebSocketCloseStatus Status, string Reason)? Verdict(SocketState state)
    {
        if (state.SinceRefusal.TotalSeconds >= _options.RefusedSeconds)
        {
            return (WebSocketCloseStatus.PolicyViolation, "The API key was refused.");
        }

        if (state.Wire.FrameAge.TotalSeconds >= _options.FrameSeconds)
        {
            return (WebSocketCloseStatus.PolicyViolation, "The frame took too long.");
        }

        var quiet = state.Member is null ? state.Age : state.Wire.Silence;
        return quiet.TotalSeconds >= _options.IdleSeconds ? (WebSocketCloseStatus.NormalClosure, "No frame for too long.") : null;
    }
}
