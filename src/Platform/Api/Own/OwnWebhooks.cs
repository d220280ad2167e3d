using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Delivery.Webhooks;

namespace Platform.Api.Own;

/// <summary><c>GET /v1/webhooks</c>: what operators see of a tenant's webhooks, read by the tenant.</summary>
internal sealed class OwnWebhooks(OwnGate gate, ListWebhooks list)
{
    public void Map(IEndpointRouteBuilder app)
    {
        // A delegate by its type: taken for a RequestDelegate, its result would be dropped.
        Func<HttpContext, Task<IResult>> handler = http => gate.RunAsync(http, caller => ListAsync(caller.TenantId, http));
        app.MapGet("/v1/webhooks", (Delegate)handler);
    }

    private async Task<IResult> ListAsync(Guid tenantId, HttpContext http)
    {
        var query = WebhookQuery.Read(http.Request.Query, out var faults);
        return faults.Count > 0
            ? gate.Refuse(faults)
            : await gate.LookAsync(tenantId, async () => AnswerJson.Result(await query.RunAsync(list, tenantId, http.RequestAborted)));
    }
}
