using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger.Statements;

namespace Platform.Api.Admin;

/// <summary><c>GET /admin/v1/tenants/{id}/statement</c>: a month of a tenant's account as JSON, CSV or a page that prints well.</summary>
internal sealed class StatementEndpoint(ReadStatement read)
{
    public void Map(IEndpointRouteBuilder admin) => admin.MapGet("/tenants/{id}/statement", ShowAsync);

    private async Task<IResult> ShowAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        if (StatementQuery.Read(request.Query, read, out var faults) is not { } query)
        {
            return Problem.Result(faults);
        }

        return AdminIds.Tenant(id) is { } tenantId && await read.FindForTenantAsync(tenantId, query.Month, cancellation) is { } statement
            ? query.Show(statement, cancellation)
            : AdminIds.NoTenant;
    }
}
