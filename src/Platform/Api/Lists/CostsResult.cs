using Platform.Ledger;
using Platform.Persistence;

namespace Platform.Api.Lists;

/// <summary>
/// Streams costs from the database to the caller. If the database fails on the way, the connection is cut, so that half an export is never taken for a
/// whole one.
/// </summary>
internal sealed class CostsResult(ReadCosts costs, CostsQuery query, IResult away) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        try
        {
            await CostsFile.WriteAsync(costs, query, response.BodyWriter, Begin, httpContext.RequestAborted);
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault) && !response.HasStarted)
        {
            await away.ExecuteAsync(httpContext);
        }

        void Begin()
        {
            response.ContentType = query.Format == CostsFormat.Json ? "application/json" : "text/csv; charset=utf-8";
            if (query.Format != CostsFormat.Json)
            {
                response.Headers.ContentDisposition = $"attachment; filename=\"{(query.Format == CostsFormat.Focus ? "focus" : "costs")}.csv\"";
            }
        }
    }
}
