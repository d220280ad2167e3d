using System.Globalization;
using CsvHelper;

namespace Platform.Ledger.Statements;

/// <summary>A statement for spreadsheets: a row for each line, the opening balance first and the closing one last.</summary>
internal static class StatementText
{
    private static readonly string[] Columns =
        ["section", "at", "description", "reference", "results", "units", "unit", "unitPriceMicroUsd", "amountMicroUsd"];

    public static async Task WriteCsvAsync(Statement statement, Stream output, CancellationToken cancellation)
    {
        await using var csv = CsvWriter.Create(output, CsvWriterOptions.Default with { Injection = CsvInjection.Escape }, leaveOpen: true);
        Write(csv, Columns);
        await csv.EndRecordAsync(cancellation);
        foreach (var line in statement.Lines)
        {
            Write(csv, TextsOf(line));
            // As a number: a text that begins with a minus is taken for a formula and disarmed.
            csv.WriteField(line.AmountMicroUsd, default);
            await csv.EndRecordAsync(cancellation);
        }
    }

    private static void Write(CsvWriter csv, IEnumerable<string?> fields)
    {
        foreach (var field in fields)
        {
            csv.WriteField(field);
        }
    }

    private static IEnumerable<string?> TextsOf(StatementLine line) =>
    [
        line.Section,
        line.At?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        line.Description,
        line.Reference,
        line.Results?.ToString(CultureInfo.InvariantCulture),
        line.Units?.ToString(CultureInfo.InvariantCulture),
        line.Unit,
        line.UnitPriceMicroUsd?.ToString(CultureInfo.InvariantCulture),
    ];
}
