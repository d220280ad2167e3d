using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger.Statements;
using Platform.Tenants;

namespace Platform.Api.Own;

/// <summary><c>GET /v1/statement</c>: a month of the tenant's own account, as its operator sees it.</summary>
internal sealed class OwnStatement(OwnGate gate, ReadStatement read)
{
    public void Map(IEndpointRouteBuilder app)
    {
        Func<HttpContext, Task<IResult>> handler = http => gate.RunAsync(http, caller => ShowAsync(caller, http));
        app.MapGet("/v1/statement", (Delegate)handler);
    }

    private async Task<IResult> ShowAsync(Caller caller, HttpContext http)
    {
        if (StatementQuery.Read(http.Request.Query, read, out var faults) is not { } query)
        {
            return gate.Refuse(faults);
        }

        var statement = await read.FindForTenantAsync(caller.TenantId, query.Month, http.RequestAborted);
        return query.Show(statement!, http.RequestAborted);
    }
}
