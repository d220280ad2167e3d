using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Ledger.Reconciliation;

namespace Platform.Api.Admin;

/// <summary><c>/admin/v1/reconciliations</c>: compares the books now, and shows reports as JSON, CSV or a page.</summary>
internal sealed class ReconciliationsEndpoint(Reconcile reconcile, ReadReconciliations read, RebuildAccount rebuild, AdminKey key, TimeProvider time)
{
    private const string List = "reconciliations";

    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapPost("/reconciliations", RunAsync);
        admin.MapGet("/reconciliations", ListAsync);
        admin.MapGet("/reconciliations/{reconciliationId}", ShowAsync);
        admin.MapPost("/tenants/{id}/rebuild", RebuildAsync);
    }

    private async Task<IResult> RunAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        var period = new Period(body.Instant("from") ?? Period.All.From, body.Instant("to") ?? time.GetUtcNow());
        if (period.From >= period.To)
        {
            body.Refuse("to", "'to' must lie after 'from'.");
        }

        return body.Finish() is { Count: > 0 } faults
            ? Problem.Result(faults)
            : AnswerJson.Result(await reconcile.RunAsync(period, key.Actor, cancellation), StatusCodes.Status201Created);
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var query = new QueryFields(request.Query);
        var (before, limit) = (query.Cursor<Guid>(List), query.Limit());
        return query.Faults is { Count: > 0 } faults
            ? Problem.Result(faults)
            : AnswerJson.Result(Page.Of(
                await read.ListAsync(before, limit + 1, cancellation), limit, List, static line => line, static line => line.ReconciliationId.ToString()));
    }

    private async Task<IResult> ShowAsync(string reconciliationId, HttpRequest request, CancellationToken cancellation)
    {
        var query = new QueryFields(request.Query);
        var format = query.OneOf("format", "json", "csv", "html");
        if (query.Faults is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        if (!Guid.TryParseExact(reconciliationId, "D", out var id) || await read.FindAsync(id, cancellation) is not { } report)
        {
            return Problem.Result(Problem.NotFound, "There is no such reconciliation, or it has not come to its end.");
        }

        return format switch
        {
            "csv" => Results.Stream(output => ReportText.WriteCsvAsync(report, output, cancellation), "text/csv; charset=utf-8", "reconciliation.csv"),
            "html" => Results.Content(ReportText.ToHtml(report), "text/html; charset=utf-8"),
            _ => AnswerJson.Result(report),
        };
    }

    private async Task<IResult> RebuildAsync(string id, CancellationToken cancellation)
    {
        if (AdminIds.Tenant(id) is not { } tenantId)
        {
            return AdminIds.NoTenant;
        }

        try
        {
            return AnswerJson.Result(await rebuild.RunAsync(tenantId, key.Actor, cancellation));
        }
        catch (KeyNotFoundException)
        {
            return AdminIds.NoTenant;
        }
        catch (InvalidDataException refused)
        {
            return Problem.Result(Problem.InsufficientCredit, refused.Message);
        }
    }
}
