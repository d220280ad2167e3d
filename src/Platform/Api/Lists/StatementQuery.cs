using Platform.Ledger;
using Platform.Ledger.Statements;
using Platform.Persistence;

namespace Platform.Api.Lists;

/// <summary><c>month</c> and <c>format</c> of a statement, for operators and tenants alike.</summary>
internal sealed record StatementQuery(Period Month, string Format)
{
    public static StatementQuery? Read(IQueryCollection query, ReadStatement read, out IReadOnlyList<FieldFault> faults)
    {
        var fields = new QueryFields(query);
        var (month, format) = (fields.Text("month"), fields.OneOf("format", "json", "csv", "html") ?? "json");
        var period = month is null ? null : read.MonthOf(month);
        faults = period is not null
            ? fields.Faults
            : [new FieldFault("month", "'month' is required: one that has begun, such as 2026-11."), .. fields.Faults];
        return faults.Count > 0 ? null : new StatementQuery(period!, format);
    }

    /// <summary>Reads it when its turn has come, and shows it.</summary>
    /// <param name="none">The answer where there is no such tenant.</param>
    /// <param name="away">The answer where the database fails.</param>
    public IResult Of(Guid tenantId, ReadStatement read, IResult none, IResult away) => new StatementResult(async cancellation =>
    {
        try
        {
            return await read.FindForTenantAsync(tenantId, Month, cancellation) is { } statement ? Show(statement, cancellation) : none;
        }
        catch (Exception fault) when (DatabaseRetry.MayPass(fault))
        {
            return away;
        }
    });

    private sealed class StatementResult(Func<CancellationToken, Task<IResult>> answer) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext) => await (await answer(httpContext.RequestAborted)).ExecuteAsync(httpContext);
    }

    private IResult Show(Statement statement, CancellationToken cancellation) => Format switch
    {
        "csv" => Results.Stream(output => StatementText.WriteCsvAsync(statement, output, cancellation), "text/csv; charset=utf-8", "statement.csv"),
        "html" => Results.Content(StatementPage.Render(statement), "text/html; charset=utf-8"),
        _ => AnswerJson.Result(new
        {
            statement.TenantId,
            statement.TenantName,
            statement.Billing,
            statement.Period.From,
            statement.Period.To,
            statement.IsWhole,
            OpeningMicroUsd = statement.Opening,
            ClosingMicroUsd = statement.Closing,
            Lines = statement.Movements,
        }),
    };
}
