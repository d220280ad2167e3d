using Microsoft.Extensions.Options;
using Platform.Catalog;

namespace Platform.Api.Sockets;

/// <summary><c>GET /v1</c> as a WebSocket: makes a conversation of it and stays until it ends.</summary>
internal sealed class SocketEndpoint(
    OpenSockets sockets, SocketTalk talk, RefuseRequest refuse, IOptions<SocketOptions> options, TimeProvider time)
{
    private static readonly TaskError Full = new(
        ErrorCodes.ServiceUnavailable, "This node has as many open sockets as it can carry. Try again after a while.");

    public async Task HandleAsync(HttpContext http)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            http.Response.Headers.Allow = HttpMethods.Post;
            await Admin.Problem.Result(Admin.Problem.MethodNotAllowed).ExecuteAsync(http);
            return;
        }

        if (sockets.IsFull)
        {
            await refuse.RunAsync(http, Full);
            return;
        }

        using var wire = new SocketWire(await http.WebSockets.AcceptWebSocketAsync(), time, options.Value);
        var state = new SocketState(wire, time);
        sockets.Add(state);
        try
        {
            await talk.Begin(state).RunAsync();
        }
        finally
        {
            sockets.Remove(state);
        }
    }
}

/// <summary>Makes conversations: what they need is the same for all of them.</summary>
internal sealed class SocketTalk(Handshake handshake, SocketTasks tasks, FrameLimits limits, IncomingRoom room)
{
    public Conversation Begin(SocketState state) =>
        new(state, new FrameReader(state.Wire, () => TermsOf(state)), handshake, tasks, limits);

    // A stranger gets a buffer so small that it takes no room; whose room should it take?
    private FrameTerms TermsOf(SocketState state) => state.Member is { } member
        ? new FrameTerms(limits.MaxBytes, room.Enter(member.Session.TenantId))
        : new FrameTerms(limits.StrangerBytes, null);
}
