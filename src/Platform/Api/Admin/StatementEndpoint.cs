using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger.Statements;

namespace Platform.Api.Admin;

/// <summary><c>GET /admin/v1/tenants/{id}/statement</c>: a month of a tenant's account as JSON, CSV or a page that prints well.</summary>
internal sealed class StatementEndpoint(ReadStatement read, Exports exports)
{
    public void Map(IEndpointRouteBuilder admin) => admin.MapGet("/tenants/{id}/statement", Show);

    private IResult Show(string id, HttpRequest request)
    {
        if (StatementQuery.Read(request.Query, read, out var faults) is not { } query)
        {
            return Problem.Result(faults);
        }

        return AdminIds.Tenant(id) is { } tenantId
            ? exports.Bounded(
                Exports.Operators, query.Of(tenantId, read, AdminIds.NoTenant, Problem.Result(Problem.Unavailable)), Problem.Result(Problem.Busy))
            : AdminIds.NoTenant;
    }
}
