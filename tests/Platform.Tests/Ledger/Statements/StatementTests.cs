using System.Text;
using Platform.Ledger;
using Platform.Ledger.Statements;
using Platform.Tasks;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger.Statements;

public sealed class StatementTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Period Month { get; } = MonthOf(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task The_beginning_and_all_that_moved_are_the_end_and_the_end_is_the_balance()
    {
        var tenant = await SeedAsync();

        var statement = (await ReadAsync(tenant))!;

        Assert.Equal((7000L, 9299L), (statement.Opening, statement.Closing));
        Assert.Equal(statement.Closing, statement.Opening + statement.Movements.Sum(line => line.AmountMicroUsd));
        Assert.Equal("9299 0", await spine.MoneyAsync(tenant));
        Assert.Equal("opening credit debit adjustment usage refund closing", string.Join(' ', statement.Lines.Select(line => line.Section)));
        var usage = statement.Lines.Single(line => line.Section == "usage");
        Assert.Equal((2L, 24L, "character", -200L), (usage.Results!.Value, usage.Units!.Value, usage.Unit, usage.AmountMicroUsd));
        var before = (await ReadAsync(tenant, MonthOf(Month.From.AddDays(-1))))!;
        Assert.Equal((0L, 7000L), (before.Opening, before.Closing));
    }

    [Fact]
    public async Task The_sum_of_the_csv_is_the_movement_of_the_balance()
    {
        var statement = (await ReadAsync(await SeedAsync()))!;
        using var csv = new MemoryStream();
        await StatementText.WriteCsvAsync(statement, csv, Token);

        var lines = Encoding.UTF8.GetString(csv.ToArray()).TrimEnd().Split("\r\n");

        Assert.Equal("section,at,description,reference,results,units,unit,unitPriceMicroUsd,amountMicroUsd", lines[0]);
        Assert.StartsWith("opening,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("closing,", lines[^1], StringComparison.Ordinal);
        Assert.Equal(
            statement.Closing - statement.Opening, lines[2..^1].Sum(line => long.Parse(line.Split(',')[^1])));
    }

    [Fact]
    public async Task The_page_shows_every_booking_and_runs_nothing_that_people_wrote()
    {
        var tenant = await SeedAsync();
        await spine.ExecuteAsync("update tenants set name = '<b>Nowhere & Co</b>' where tenant_id = $1", tenant);

        var page = StatementPage.Render((await ReadAsync(tenant))!);

        Assert.Contains("&lt;b&gt;Nowhere &amp; Co&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Nowhere", page, StringComparison.Ordinal);
        Assert.Contains("@media print", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.Contains("0.009299", page, StringComparison.Ordinal);
        Assert.Contains("−0.0007", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-13")]
    [InlineData("2026")]
    [InlineData("9999-01")]
    [InlineData("november")]
    [InlineData("1969-12")]
    public void A_month_is_one_that_has_begun(string text) => Assert.Null(new ReadStatement(spine.Database, time).MonthOf(text));

    [Fact]
    public async Task Nobody_has_no_statement() => Assert.Null(await ReadAsync(Guid.NewGuid()));

    private Task<Statement?> ReadAsync(Guid tenant, Period? month = null) =>
        new ReadStatement(spine.Database, time).FindForTenantAsync(tenant, month ?? Month, Token);

    private static Period MonthOf(DateTimeOffset at)
    {
        var start = new DateTimeOffset(at.UtcDateTime.Year, at.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        return new Period(start, start.AddMonths(1));
    }

    // 7,000 from before the month; in it a payment, a payout, a correction, two charges of which one was refunded.
    private async Task<Guid> SeedAsync()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        await spine.ExecuteAsync(
            """
            insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, reference, at) values ($1, 'credit', 7000, 7000, 0, 'old', $2)
            """,
            tenant, Month.From.AddHours(-1));
        await spine.ExecuteAsync("update accounts set balance = 7000 where tenant_id = $1", tenant);
        await BookAsync(tenant, 3000, "pay", isAdjustment: false);
        await BookAsync(tenant, -700, "out", isAdjustment: false);
        await BookAsync(tenant, 99, "fix", isAdjustment: true);
        var tasks = new List<ClaimedTask>();
        for (var i = 0; i < 2; i++)
        {
            tasks.Add(await spine.RunningAsync(tenant));
            Assert.True(await Sample.SettleAsync(spine.Settle, tasks[^1], TaskState.Succeeded, 0));
        }

        await new RefundTask(spine.Database).RunAsync(
            new RefundOrder(tenant, "refund", "a reason") { TaskUuid = tasks[0].TaskUuid }, "test", Token);
        return tenant;
    }

    private Task<BookedCredit> BookAsync(Guid tenant, long amount, string reference, bool isAdjustment) => spine.Get<AddCredit>().BookAsync(
        new CreditOrder(tenant, amount, reference, $"because of {reference}") { IsAdjustment = isAdjustment }, "test", Token);
}
