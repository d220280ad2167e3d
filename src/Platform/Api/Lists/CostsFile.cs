using System.IO.Pipelines;
using System.Text.Json;
using CsvHelper;
using Platform.Ledger;

namespace Platform.Api.Lists;

/// <summary>How costs are written.</summary>
internal enum CostsFormat
{
    Json,
    Csv,

    /// <summary>CSV with the columns of FOCUS, the FinOps foundation's names for costs.</summary>
    Focus,
}

/// <summary>Writes costs as they come from the database, over HTTP and to files alike: no more than a few kilobytes of them are here at a time.</summary>
internal static class CostsFile
{
    private const int FlushAt = 32 * 1024;

    // A text that a spreadsheet would run as a formula gets an apostrophe in front: tenants' names are chosen by people.
    private static readonly CsvWriterOptions Csv = CsvWriterOptions.Default with { Injection = CsvInjection.Escape };

    /// <param name="begin">
    /// Called before the first byte and after the first row: a database that is away can still be answered in another way.
    /// </param>
    public static Task WriteAsync(ReadCosts costs, CostsQuery query, PipeWriter output, Action begin, CancellationToken cancellation)
    {
        if (query.Group is { } group)
        {
            var sums = costs.SumAsync(group, query.TenantId, query.Period, cancellation);
            return WriteAsync(new Sheet<CostSum>(CostColumns.OfSums(group), sums, query.Format), output, begin, cancellation);
        }

        var columns = query.Format == CostsFormat.Focus ? FocusColumns.All : CostColumns.OfRows;
        var rows = costs.StreamAsync(query.TenantId, query.Period, cancellation);
        return WriteAsync(new Sheet<CostRow>(columns, rows, query.Format), output, begin, cancellation);
    }

    private static async Task WriteAsync<T>(Sheet<T> sheet, PipeWriter output, Action begin, CancellationToken cancellation)
    {
        await using var source = sheet.Rows.GetAsyncEnumerator(cancellation);
        var hasRow = await source.MoveNextAsync();
        begin();
        if (sheet.Format == CostsFormat.Json)
        {
            await WriteJsonAsync(sheet, source, hasRow, output, cancellation);
        }
        else
        {
            await WriteCsvAsync(sheet, source, hasRow, output, cancellation);
        }
    }

    private static async Task WriteJsonAsync<T>(
        Sheet<T> sheet, IAsyncEnumerator<T> rows, bool hasRow, PipeWriter output, CancellationToken cancellation)
    {
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = AnswerJson.Options.Encoder, SkipValidation = true });
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        var sent = 0L;
        for (; hasRow; hasRow = await rows.MoveNextAsync())
        {
            json.WriteStartObject();
            foreach (var column in sheet.Columns)
            {
                column.WriteJson(json, rows.Current);
            }

            json.WriteEndObject();
            // Pending alone would not do: the writer passes each full block on to the response, which keeps it until it is flushed.
            if (json.BytesCommitted + json.BytesPending - sent > FlushAt)
            {
                await json.FlushAsync(cancellation);
                await output.FlushAsync(cancellation);
                sent = json.BytesCommitted;
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellation);
        await output.FlushAsync(cancellation);
    }

    private static async Task WriteCsvAsync<T>(
        Sheet<T> sheet, IAsyncEnumerator<T> rows, bool hasRow, PipeWriter output, CancellationToken cancellation)
    {
        await using var csv = CsvWriter.Create(output.AsStream(leaveOpen: true), Csv, leaveOpen: true);
        foreach (var column in sheet.Columns)
        {
            csv.WriteField(column.Name);
        }

        await csv.EndRecordAsync(cancellation);
        for (; hasRow; hasRow = await rows.MoveNextAsync())
        {
            foreach (var column in sheet.Columns)
            {
                column.WriteCsv(csv, rows.Current);
            }

            await csv.EndRecordAsync(cancellation);
        }
    }

    private sealed record Sheet<T>(IReadOnlyList<CostColumn<T>> Columns, IAsyncEnumerable<T> Rows, CostsFormat Format);
}
