using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger;

namespace Platform.Api.Admin;

/// <summary><c>GET /admin/v1/costs</c>: what was charged, for finance.</summary>
internal sealed class CostsEndpoint(ReadCosts costs, Exports exports)
{
    public void Map(IEndpointRouteBuilder admin) => admin.MapGet("/costs", Read);

    private IResult Read(HttpRequest request)
    {
        var query = CostsQuery.Read(request.Query, isAcrossTenants: true, out var faults);
        return faults.Count > 0
            ? Problem.Result(faults)
            : exports.Bounded(
                Exports.Operators, new CostsResult(costs, query, Problem.Result(Problem.Unavailable)), Problem.Result(Problem.Busy));
    }
}
