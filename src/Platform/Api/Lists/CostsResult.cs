using System.Text.Json;
using CsvHelper;
using Platform.Ledger;
using Platform.Persistence;

namespace Platform.Api.Lists;

/// <summary>
/// Streams costs from the database to the caller: no more than a few kilobytes of them are here at a time. If the database fails on the way,
/// the connection is cut, so that half an export is never taken for a whole one.
/// </summary>
internal sealed class CostsResult(ReadCosts costs, CostsQuery query, IResult away) : IResult
{
    private const int FlushAt = 32 * 1024;

    // A text that a spreadsheet would run as a formula gets an apostrophe in front: tenants' names are chosen by people.
    private static readonly CsvWriterOptions Csv = CsvWriterOptions.Default with { Injection = CsvInjection.Escape };

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        try
        {
            await RunAsync(httpContext);
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault) && !httpContext.Response.HasStarted)
        {
            await away.ExecuteAsync(httpContext);
        }
    }

    private async Task RunAsync(HttpContext httpContext)
    {
        var cancellation = httpContext.RequestAborted;
        if (query.Group is { } group)
        {
            var columns = CostColumns.OfSums(group);
            await WriteAsync(httpContext, columns, costs.SumAsync(group, query.TenantId, query.Period, cancellation));
        }
        else
        {
            await WriteAsync(httpContext, CostColumns.OfRows, costs.StreamAsync(query.TenantId, query.Period, cancellation));
        }
    }

    private async Task WriteAsync<T>(HttpContext http, IReadOnlyList<CostColumn<T>> columns, IAsyncEnumerable<T> rows)
    {
        // The first row is awaited before the first byte is sent: a database that is away can still be answered with a status of its own.
        await using var source = rows.GetAsyncEnumerator(http.RequestAborted);
        var hasRow = await source.MoveNextAsync();
        if (query.IsCsv)
        {
            http.Response.ContentType = "text/csv; charset=utf-8";
            http.Response.Headers.ContentDisposition = "attachment; filename=\"costs.csv\"";
            await WriteCsvAsync(http, columns, source, hasRow);
        }
        else
        {
            http.Response.ContentType = "application/json";
            await WriteJsonAsync(http, columns, source, hasRow);
        }
    }

    private static async Task WriteJsonAsync<T>(HttpContext http, IReadOnlyList<CostColumn<T>> columns, IAsyncEnumerator<T> rows, bool hasRow)
    {
        var output = http.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = AnswerJson.Options.Encoder, SkipValidation = true });
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        var sent = 0L;
        for (; hasRow; hasRow = await rows.MoveNextAsync())
        {
            json.WriteStartObject();
            foreach (var column in columns)
            {
                column.WriteJson(json, rows.Current);
            }

            json.WriteEndObject();
            // Pending alone would not do: the writer passes each full block on to the response, which keeps it until it is flushed.
            if (json.BytesCommitted + json.BytesPending - sent > FlushAt)
            {
                await json.FlushAsync(http.RequestAborted);
                await output.FlushAsync(http.RequestAborted);
                sent = json.BytesCommitted;
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }

    private static async Task WriteCsvAsync<T>(HttpContext http, IReadOnlyList<CostColumn<T>> columns, IAsyncEnumerator<T> rows, bool hasRow)
    {
        await using var csv = CsvWriter.Create(http.Response.Body, Csv, leaveOpen: true);
        foreach (var column in columns)
        {
            csv.WriteField(column.Name);
        }

        await csv.EndRecordAsync(http.RequestAborted);
        for (; hasRow; hasRow = await rows.MoveNextAsync())
        {
            foreach (var column in columns)
            {
                column.WriteCsv(csv, rows.Current);
            }

            await csv.EndRecordAsync(http.RequestAborted);
        }
    }
}
