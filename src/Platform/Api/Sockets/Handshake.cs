using System.Net.WebSockets;
using Newtonsoft.Json.Linq;
using Platform.Catalog;

namespace Platform.Api.Sockets;

/// <summary>
/// Answers an <c>authentication</c> task. A refusal says <c>invalidApiKey</c> for a suspended account too, since an SDK waits a minute for
/// an answer that has another code.
/// </summary>
internal sealed class Handshake(Authenticate authenticate, Sessions sessions, SocketFrames frames)
{
    private static readonly TaskError TooMany = new(
        ErrorCodes.RateLimitExceeded, "The account has as many open sockets as it may. Close one, and try again after a while.");

    private static readonly TaskError Foreign = new(
        ErrorCodes.PermissionDenied, "This socket belongs to another account. Open a new socket to use this key.") { Parameter = "apiKey" };

    /// <summary>Who the socket belongs to from now on, or null when it was refused; the client has its answer then.</summary>
    public async Task<SocketMember?> RunAsync(SocketWire wire, JObject task, SocketMember? current)
    {
        var key = Authenticate.KeyOfTask(task);
        var (caller, refusal) = await authenticate.FindAsync(key, CancellationToken.None);
        if (caller is null)
        {
            await RefuseAsync(wire, refusal!);
            return null;
        }

        if (current is not null)
        {
            return await AgainAsync(wire, current, new SocketMember(current.Session, key!, caller.KeyId), caller.TenantId);
        }

        var wanted = task["connectionSessionUUID"] is JValue { Value: string text } && Guid.TryParse(text, out var id) ? id : (Guid?)null;
        if (sessions.Open(caller.TenantId, wanted, wire) is not { } session)
        {
            await wire.SendAsync(frames.OfRefusal(TooMany));
            await wire.CloseAsync(WebSocketCloseStatus.PolicyViolation, "Too many sockets.");
            return null;
        }

        // The answer goes first; what the session still had to deliver follows it.
        await wire.SendAsync(SocketFrames.Authenticated(session.Id));
        session.Start();
        return new SocketMember(session, key!, caller.KeyId);
    }

    private async Task<SocketMember?> AgainAsync(SocketWire wire, SocketMember current, SocketMember next, Guid tenantId)
    {
        if (tenantId != current.Session.TenantId)
        {
            await wire.SendAsync(frames.OfRefusal(Foreign));
            return null;
        }

        await wire.SendAsync(SocketFrames.Authenticated(current.Session.Id));
        return next;
    }

    private async Task RefuseAsync(SocketWire wire, TaskError refusal)
    {
        var shown = refusal.Code == ErrorCodes.AccountSuspended ? Authenticate.SuspendedOnSocket : refusal;
        await wire.SendAsync(frames.OfRefusal(shown));
        if (refusal.Code == ErrorCodes.ServiceUnavailable)
        {
            // Nothing was said about the key. A client whose socket is closed comes back by itself, one that is left waiting does not.
            await wire.CloseAsync(WebSocketCloseStatus.InternalServerError, "The key cannot be checked at the moment.");
        }
    }
}
