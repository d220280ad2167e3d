using System.Globalization;
using System.Text.Json;
using CsvHelper;
using Platform.Ledger;

namespace Platform.Api.Lists;

/// <summary>One column of an export: the same name and value in JSON and CSV.</summary>
internal sealed record CostColumn<T>(string Name, Func<T, object?> Value)
{
    /// <summary>Absent where there is no value.</summary>
    public void WriteJson(Utf8JsonWriter json, T row)
    {
        switch (Value(row))
        {
            case long number:
                json.WriteNumber(Name, number);
                break;
            case decimal number:
                json.WriteNumber(Name, number);
                break;
            case { } value:
                json.WriteString(Name, Plain(value));
                break;
            default:
                break;
        }
    }

    /// <summary>Empty where there is no value.</summary>
    public void WriteCsv(CsvWriter csv, T row)
    {
        switch (Value(row))
        {
            case long number:
                csv.WriteField(number, default);
                break;
            case decimal number:
                csv.WriteField(number, default);
                break;
            case { } value:
                csv.WriteField(Plain(value));
                break;
            default:
                csv.WriteField((string?)null);
                break;
        }
    }

    private static string Plain(object value) => value switch
    {
        DateTimeOffset instant => Iso8601.Write(instant),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => (string)value,
    };
}

/// <summary>The contract's columns, in its order.</summary>
internal static class CostColumns
{
    public static readonly IReadOnlyList<CostColumn<CostRow>> OfRows =
    [
        new("at", static row => row.At),
        new("tenantId", static row => row.TenantId),
        new("tenantName", static row => row.TenantName),
        new("taskUUID", static row => row.TaskUUID),
        new("audioUUID", static row => row.AudioUUID),
        new("model", static row => row.Model),
        new("keyPrefix", static row => row.KeyPrefix),
        new("unit", static row => row.Unit),
        new("units", static row => row.Units),
        new("unitPriceMicroUsd", static row => row.UnitPriceMicroUsd),
        new("amountMicroUsd", static row => row.AmountMicroUsd),
        new("priceVersion", static row => row.PriceVersion),
        new("state", static row => row.State),
    ];

    /// <summary>What was grouped by, then whose it is, then the sums.</summary>
    public static IReadOnlyList<CostColumn<CostSum>> OfSums(CostGroup group) =>
    [
        new(group switch { CostGroup.Day => "day", CostGroup.Model => "model", _ => "keyPrefix" }, static sum => sum.Group),
        new("tenantId", static sum => sum.TenantId),
        new("tenantName", static sum => sum.TenantName),
        new("results", static sum => sum.Results),
        new("units", static sum => sum.Units),
        new("amountMicroUsd", static sum => sum.AmountMicroUsd),
    ];
}
