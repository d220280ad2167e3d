using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger.Statements;
using Platform.Tenants;

namespace Platform.Api.Own;

/// <summary><c>GET /v1/statement</c>: a month of the tenant's own account, as its operator sees it.</summary>
internal sealed class OwnStatement(OwnGate gate, Exports exports, ReadStatement read)
{
    public void Map(IEndpointRouteBuilder app)
    {
        Func<HttpContext, Task<IResult>> handler = http => gate.RunAsync(http, caller => Task.FromResult(Show(caller, http)));
        app.MapGet("/v1/statement", (Delegate)handler);
    }

    // A statement of a busy month is as long as an export of its costs, and is in memory as a whole.
    private IResult Show(Caller caller, HttpContext http) =>
        StatementQuery.Read(http.Request.Query, read, out var faults) is { } query
            ? exports.Bounded(caller.TenantId, query.Of(caller.TenantId, read, none: gate.AwayResult, away: gate.AwayResult), gate.BusyResult)
            : gate.Refuse(faults);
}
