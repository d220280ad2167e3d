using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Platform.Ledger;

namespace Platform.Api.Lists;

/// <summary>
/// Streams costs from the database to the caller: no more than a few kilobytes of them are here at a time. If the database fails on the way,
/// the connection is cut, so that half an export is never taken for a whole one.
/// </summary>
internal sealed class CostsResult(ReadCosts costs, CostsQuery query) : IResult
{
    private const int FlushAt = 32 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
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
        for (; hasRow; hasRow = await rows.MoveNextAsync())
        {
            json.WriteStartObject();
            foreach (var column in columns)
            {
                column.WriteJson(json, rows.Current);
            }

            json.WriteEndObject();
            if (json.BytesPending > FlushAt)
            {
                await json.FlushAsync(http.RequestAborted);
                await output.FlushAsync(http.RequestAborted);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(http.RequestAborted);
    }

    private static async Task WriteCsvAsync<T>(HttpContext http, IReadOnlyList<CostColumn<T>> columns, IAsyncEnumerator<T> rows, bool hasRow)
    {
        await using var text = new StreamWriter(http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), FlushAt);
        await using var csv = new CsvWriter(text, new CsvConfiguration(System.Globalization.CultureInfo.InvariantCulture) { NewLine = "\r\n" });
        foreach (var column in columns)
        {
            csv.WriteField(column.Name);
        }

        await csv.NextRecordAsync();
        for (; hasRow; hasRow = await rows.MoveNextAsync())
        {
            foreach (var column in columns)
            {
                csv.WriteField(column.Text(rows.Current));
            }

            await csv.NextRecordAsync();
        }
    }
}
