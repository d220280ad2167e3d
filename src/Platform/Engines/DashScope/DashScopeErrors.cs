using System.Text.Json;

namespace Platform.Engines.DashScope;

/// <summary>One row of the table: what a code or a status of the provider means here.</summary>
/// <param name="Code">The provider's code; one that ends in <c>*</c> stands for all that begin so. Null: the row is about a status.</param>
/// <param name="Alert">Whether it goes away only when the operator acts.</param>
/// <param name="Says">Ends the customer's sentence "The speech provider refused: …".</param>
internal sealed record DashScopeErrorRow(string? Code, int? Status, FailureKind Kind, bool Alert, string Says);

/// <summary>
/// What follows each error of the provider, by the table <c>errors.json</c> beside this file: the first row of the code, else the row of the
/// status. The provider's own message is never passed on, since it may repeat the text.
/// </summary>
internal static class DashScopeErrors
{
    private const string Resource = "engines/dashscope-errors.json";

    public static IReadOnlyList<DashScopeErrorRow> Table { get; } = Read();

    /// <param name="status">Of the HTTP answer; 200 where the error came in a stream or in the body of a success.</param>
    /// <param name="code">As the provider sent it; empty where it sent none.</param>
    public static (EngineFailure Failure, bool Alert) Of(int status, string code, TimeSpan? retryAfter = null)
    {
        var row = Table.FirstOrDefault(row => row.Code is not null && Matches(row.Code, code))
            ?? Table.FirstOrDefault(row => row.Status == status)
            ?? new DashScopeErrorRow(null, status, status is >= 400 and < 500 ? FailureKind.Rejected : FailureKind.Broken, false, "it gave no reason");
        var failure = EngineFailure.Of(row.Kind, "speak", Name(status, code), $"The speech provider refused: {row.Says}.");
        return (failure with { RetryAfter = retryAfter }, row.Alert);
    }

    private static bool Matches(string pattern, string code) => pattern.EndsWith('*')
        ? code.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : string.Equals(code, pattern, StringComparison.Ordinal);

    // A code is one of the provider's words; anything else that stands there may be a text.
    private static string Name(int status, string code) =>
        code.Length is > 0 and <= 64 && code.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-') ? code : $"http{status}";

    private static DashScopeErrorRow[] Read()
    {
        using var stream = typeof(DashScopeErrors).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not embedded in Platform.dll.");
        using var rows = JsonDocument.Parse(stream);
        return [.. rows.RootElement.EnumerateArray().Select(static row => new DashScopeErrorRow(
            row.TryGetProperty("code", out var code) ? code.GetString() : null,
            row.TryGetProperty("status", out var status) ? status.GetInt32() : null,
            Enum.Parse<FailureKind>(row.GetProperty("kind").GetString()!),
            row.TryGetProperty("alert", out var alert) && alert.GetBoolean(),
            row.GetProperty("says").GetString()!))];
    }
}
