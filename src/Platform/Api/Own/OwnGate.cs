using Npgsql;
using Platform.Api.Lists;
using Platform.Catalog;
using Platform.Persistence;
using Platform.Tenants;
using Platform.Tenants.Limits;

namespace Platform.Api.Own;

/// <summary>A tenant's own reads: from its key to an answer about itself, in the error shape of <c>/v1</c>.</summary>
internal sealed partial class OwnGate(Authenticate authenticate, RateGate rates, OwnErrors errors, TimeProvider time, ILogger<OwnGate> log)
{
    // As many as there are connections for looking, and never all of them for one tenant.
    private readonly TenantPlaces _looks = new(Database.LookConnections, Database.LookConnections / 2, time);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TaskError TooLong = new(
        ErrorCodes.ServiceUnavailable, "Looking that up took longer than five seconds. Narrow it with 'from' and 'to', or ask for fewer with 'limit'.");

    private static readonly TaskError Crowded = new(
        ErrorCodes.RateLimitExceeded, "As many lists of yours are being read as may be at once. Wait for their answers.") { RetryAfterSeconds = 5 };

    private static readonly TaskError Busy = new(
        ErrorCodes.RateLimitExceeded, "As many exports are being read as may be. Read one to its end, or try again after a while.")
    {
        RetryAfterSeconds = 5,
    };

    private static readonly TaskError Away = new(ErrorCodes.ServiceUnavailable, "The database cannot be reached. Try again.");

    /// <summary>Runs a read for the tenant whose key came along; whoever it is, it is told about itself alone.</summary>
    public async Task<IResult> RunAsync(HttpContext http, Func<Caller, Task<IResult>> read)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (caller, refusal) = await authenticate.RunAsync(http.Request, [], http.RequestAborted);
        if (caller is null)
        {
            return errors.Result([refusal!]);
        }

        var tooMany = rates.Refuse(caller, RequestKind.Read);
        rates.Describe(http.Response.Headers, caller, [RequestKind.Read]);
        if (tooMany is not null)
        {
            return errors.Result([tooMany]);
        }

        try
        {
            return await read(caller);
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault)
            || (fault is InvalidOperationException { InnerException: { } cause } && DatabaseRetry.MayPass(cause)))
        {
            LogAway(log, fault.Message);
            return AwayResult;
        }
    }

    /// <summary>A read whose length its filters decide: so many at once, and not for long.</summary>
    public async Task<IResult> LookAsync(Guid tenantId, Func<Task<IResult>> look)
    {
        using var place = await _looks.EnterAsync(tenantId, Patience);
        if (place is null)
        {
            return errors.Result([Crowded]);
        }

        try
        {
            return await look();
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            return errors.Result([TooLong]);
        }
    }

    public IResult AwayResult => errors.Result([Away]);

    public IResult BusyResult => errors.Result([Busy]);

    public IResult Refuse(IReadOnlyList<TaskError> all) => errors.Result(all);

    public IResult Refuse(IReadOnlyList<FieldFault> faults) => errors.Result(
        [.. faults.Select(static fault => new TaskError(
            fault.IsUnknown ? ErrorCodes.UnknownParameter : ErrorCodes.Invalid(fault.Path), fault.Message) { Parameter = fault.Path })]);

    [LoggerMessage(EventId = 3301, Level = LogLevel.Warning, Message = "A tenant's read was refused because the database is away: {Reason}")]
    private static partial void LogAway(ILogger log, string reason);
}
