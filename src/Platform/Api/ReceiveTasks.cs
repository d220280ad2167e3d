using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Tenants;

namespace Platform.Api;

/// <summary>A request's tasks, or why there are none.</summary>
/// <param name="IsOfKey">The refusal is about the key.</param>
internal readonly record struct Received(IReadOnlyList<TaskCall>? Calls, TaskError? Error, bool IsOfKey = false)
{
    public static Received Refused(TaskError error) => new(null, error);

    // A database that is away says nothing about the key, so that error is the request's and not the authentication's.
    public static Received Unknown(TaskError error) => new(null, error, error.Code != ErrorCodes.ServiceUnavailable);
}

/// <summary>
/// Step 1 of the walk over HTTP: from a request to its caller and its tasks. The key comes before the body: of a stranger no more is read
/// than the first task, in which a key may be.
/// </summary>
internal sealed class ReceiveTasks(Authenticate authenticate, IncomingRoom room, IOptions<ApiOptions> options, TimeProvider time)
{
    private readonly ApiOptions _options = options.Value;

    private static readonly TaskError Broken = new(ErrorCodes.InvalidJson, "The body could not be read to its end.");

    private readonly TaskError _tooLarge = new(
        ErrorCodes.PayloadTooLarge, $"A request body may have at most {options.Value.MaxBodyBytes} bytes.");

    public async Task<Received> RunAsync(HttpRequest request)
    {
        var receivedAt = time.GetTimestamp();
        var body = new RequestBody(request, _options.MaxBodyBytes) { Time = time };
        var (caller, refusal) = await FindCallerAsync(request, body);
        if (refusal is not null)
        {
            return refusal.Value;
        }

        return caller is null
            ? await ReadAsync(body, null, receivedAt, request.HttpContext.RequestAborted)
            : await ReadToEndAsync(body, caller, receivedAt, request.HttpContext.RequestAborted);
    }

    // Neither caller nor refusal: the whole body is here, and its first task will tell.
    private async Task<(Caller? Caller, Received? Refusal)> FindCallerAsync(HttpRequest request, RequestBody body)
    {
        var key = Authenticate.KeyOfHeader(request);
        if (key is null)
        {
            switch (await body.ReadAsync(_options.StrangerBytes, room: null))
            {
                case BodyState.Whole:
                    return default;
                case BodyState.TooLarge:
                    return (null, Received.Refused(_tooLarge));
                case BodyState.Broken:
                    return (null, Received.Refused(Broken));
                default:
                    key = FirstKey.Of(body.Bytes.Span);
                    break;
            }
        }

        var (caller, refusal) = await authenticate.FindAsync(key, request.HttpContext.RequestAborted);
        return caller is null ? (null, Received.Unknown(refusal!)) : (caller, null);
    }

    private async Task<Received> ReadToEndAsync(RequestBody body, Caller caller, long receivedAt, CancellationToken cancellation)
    {
        var lease = room.Enter(caller.TenantId);
        var isTaken = false;
        try
        {
            var received = await body.ReadAsync(_options.MaxBodyBytes, lease) switch
            {
                BodyState.Whole => await ReadAsync(body, (caller, lease), receivedAt, cancellation),
                BodyState.NoRoom => Received.Refused(lease.Refusal!),
                BodyState.Broken => Received.Refused(Broken),
                _ => Received.Refused(_tooLarge),
            };
            isTaken = received.Calls is not null;
            return received;
        }
        finally
        {
            if (!isTaken)
            {
                lease.Release();
            }
        }
    }

    private async Task<Received> ReadAsync(
        RequestBody body, (Caller Caller, RoomLease Lease)? known, long receivedAt, CancellationToken cancellation)
    {
        var parsed = StrictJson.Parse(body.Bytes, _options.MaxTasks);
        if (!parsed.Succeeded)
        {
            return Received.Refused(parsed.Error);
        }

        var (caller, refusal) = known is { } one
            ? new Authenticated(one.Caller, null)
            : await authenticate.FindAsync(Authenticate.KeyOfTask(parsed.Tasks[0].Json), cancellation);
        if (caller is null)
        {
            return Received.Unknown(refusal!);
        }

        var lease = known?.Lease;
        lease?.Share(parsed.Tasks.Count);
        var details = parsed.Tasks.Count > 1 ? new DetailsRoom() : null;
        return new Received(
            [.. parsed.Tasks.Select(task => new TaskCall(caller, new SentTask(task, receivedAt, lease)) { Details = details })], null);
    }
}
