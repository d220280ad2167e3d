using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Ledger;
using Platform.Persistence;

namespace Platform.Api.Admin;

/// <summary><c>GET /admin/v1/margins</c>: what was charged beside what the engines cost.</summary>
internal sealed class MarginsEndpoint(ReadMargins margins)
{
    public void Map(IEndpointRouteBuilder admin) => admin.MapGet("/margins", ReadAsync);

    private async Task<IResult> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var fields = new QueryFields(request.Query);
        var (period, tenant) = (fields.Period(), fields.Id("tenant"));
        var group = fields.OneOf("groupBy", "model", "day", "tenant", "task") switch
        {
            "day" => MarginGroup.Day,
            "tenant" => MarginGroup.Tenant,
            "task" => MarginGroup.Task,
            _ => MarginGroup.Model,
        };
        if (fields.Faults is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        try
        {
            // The first row is waited for, so that a database that is away can still be answered with a status of its own.
            var rows = margins.SumAsync(group, tenant, period, cancellation).GetAsyncEnumerator(cancellation);
            var hasRow = await rows.MoveNextAsync();
            return AnswerJson.Result(new MarginList(GoAsync(rows, hasRow)));
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            return Problem.Result(Problem.Unavailable);
        }
    }

    // Streamed by the serialiser: a month of tasks is never here at once.
    private static async IAsyncEnumerable<Margin> GoAsync(IAsyncEnumerator<Margin> rows, bool hasRow)
    {
        await using (rows)
        {
            for (; hasRow; hasRow = await rows.MoveNextAsync())
            {
                yield return rows.Current;
            }
        }
    }

    private sealed record MarginList(IAsyncEnumerable<Margin> Items);
}
