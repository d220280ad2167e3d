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
        foreach (var column in Columns)
        {
            csv.WriteField(column);
        }

        await csv.EndRecordAsync(cancellation);
        foreach (var line in statement.Lines)
        {
            Write(csv, line);
            await csv.EndRecordAsync(cancellation);
        }
    }

    // Numbers as numbers: as a text a negative one would be taken for a formula and escaped.
    private static void Write(CsvWriter csv, StatementLine line)
    {
        csv.WriteField(line.Section);
        csv.WriteField(line.At?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        csv.WriteField(line.Description);
        csv.WriteField(line.Reference);
        WriteNumber(csv, line.Results);
        WriteNumber(csv, line.Units);
        csv.WriteField(line.Unit);
        csv.WriteField(line.UnitPriceMicroUsd?.ToString(CultureInfo.InvariantCulture));
        WriteNumber(csv, line.AmountMicroUsd);
    }

    private static void WriteNumber(CsvWriter csv, long? number)
    {
        if (number is { } value)
        {
            csv.WriteField(value, default);
        }
        else
        {
            csv.WriteField((string?)null);
        }
    }
}
