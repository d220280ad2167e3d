using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Persistence;

namespace Platform.Api.Admin;

/// <summary><c>GET /admin/v1/audit</c>: who did what, and what it changed.</summary>
internal sealed class AuditEndpoint(AuditTrail trail)
{
    private const string List = "audit";

    public void Map(IEndpointRouteBuilder admin) => admin.MapGet("/audit", ListAsync);

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var query = new QueryFields(request.Query);
        var period = query.Period();
        var filter = new AuditFilter(period.From, period.To)
        {
            TenantId = query.Id("tenant"), Action = query.Text("action"), Actor = query.Text("actor"), Before = query.Cursor<long>(List),
        };
        var limit = query.Limit();
        if (query.Faults is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        var found = await trail.ListAsync(filter, limit + 1, cancellation);
        return AnswerJson.Result(Page.Of(
            found, limit, List, AuditAnswer.Of, static entry => entry.AuditId.ToString(CultureInfo.InvariantCulture)));
    }
}

/// <summary>One record; <c>before</c> and <c>after</c> have the fields that changed.</summary>
internal sealed record AuditAnswer(
    long AuditId, DateTimeOffset At, string Actor, string Action, Guid? TenantId, string? Subject, JsonNode? Before, JsonNode? After)
{
    public static AuditAnswer Of(AuditEntry entry) => new(
        entry.AuditId, entry.At, entry.Actor, entry.Action, entry.TenantId, entry.Subject, Parse(entry.Before), Parse(entry.After));

    private static JsonNode? Parse(string? json) => json is null ? null : JsonNode.Parse(json);
}
