using Microsoft.AspNetCore.Routing;
using Platform.Api.Admin;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Tasks;
using Platform.Tenants;

namespace Platform.Api.Own;

/// <summary><c>GET /v1/balance</c>, <c>/v1/ledger</c>, <c>/v1/costs</c> and <c>/v1/tasks</c>: what operators see of a tenant, read by the tenant.</summary>
internal sealed class OwnReads(OwnGate gate, Exports exports, ReadLedger ledger, ReadCosts costs, ListTasks tasks)
{
    private const string List = "tasks";
    private static readonly string[] States =
        [TaskState.Pending, TaskState.Running, TaskState.Succeeded, TaskState.Failed, TaskState.Cancelled, TaskState.Expired];

    public void Map(IEndpointRouteBuilder app)
    {
        Map(app, "/v1/balance", BalanceAsync);
        Map(app, "/v1/ledger", LedgerAsync);
        Map(app, "/v1/costs", (caller, http) => Task.FromResult(Costs(caller, http)));
        Map(app, "/v1/tasks", TasksAsync);
    }

    private void Map(IEndpointRouteBuilder app, string path, Func<Caller, HttpContext, Task<IResult>> read)
    {
        // A delegate by its type: taken for a RequestDelegate, its result would be dropped.
        Func<HttpContext, Task<IResult>> handler = http => gate.RunAsync(http, caller => read(caller, http));
        app.MapGet(path, (Delegate)handler);
    }

    private async Task<IResult> BalanceAsync(Caller caller, HttpContext http)
    {
        if (new QueryFields(http.Request.Query).Faults is { Count: > 0 } faults)
        {
            return gate.Refuse(faults);
        }

        return AnswerJson.Result(BalanceAnswer.Of((await ledger.FindAccountForTenantAsync(caller.TenantId, http.RequestAborted))!));
    }

    private async Task<IResult> LedgerAsync(Caller caller, HttpContext http)
    {
        var query = LedgerQuery.Read(http.Request.Query, out var faults);
        return faults.Count > 0
            ? gate.Refuse(faults)
            : await gate.LookAsync(
                caller.TenantId, async () => AnswerJson.Result(await query.RunAsync(ledger, caller.TenantId, http.RequestAborted)));
    }

    private IResult Costs(Caller caller, HttpContext http)
    {
        var query = CostsQuery.Read(http.Request.Query, isAcrossTenants: false, out var faults);
        return faults.Count > 0
            ? gate.Refuse(faults)
            : exports.Bounded(
                caller.TenantId, new CostsResult(costs, query with { TenantId = caller.TenantId }, gate.AwayResult), gate.BusyResult);
    }

    private async Task<IResult> TasksAsync(Caller caller, HttpContext http)
    {
        var query = new QueryFields(http.Request.Query);
        var (state, model, period) = (query.OneOf("state", States), query.Text("model"), query.Period());
        var (before, limit) = (query.Cursor<Guid>(List), query.Limit());
        if (query.Faults is { Count: > 0 } faults)
        {
            return gate.Refuse(faults);
        }

        var filter = new TaskFilter(period.From, period.To) { State = state, Model = model, Before = before };
        return await gate.LookAsync(caller.TenantId, async () =>
        {
            var found = await tasks.RunForTenantAsync(caller.TenantId, filter, limit + 1, http.RequestAborted);
            return AnswerJson.Result(Page.Of(found, limit, List, TaskAnswer.Of, static task => task.TaskId.ToString()));
        });
    }
}
