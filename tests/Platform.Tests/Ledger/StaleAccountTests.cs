using Platform.Ledger;
using Platform.Tasks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger;

/// <summary>
/// Statements that began before another transaction changed the account. In a class of its own, because it changes accounts by hand,
/// which puts the books of its database out of order.
/// </summary>
public sealed class StaleAccountTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Theory]
    [InlineData(100, "balance = balance - 100", Acceptance.Unaffordable)]
    [InlineData(100, "held = held + 1", Acceptance.Unaffordable)]
    [InlineData(0, "balance = balance + 100", Acceptance.Accepted)]
    [InlineData(0, "credit_limit = 100", Acceptance.Accepted)]
    internal async Task Counts_what_another_transaction_does_to_the_account_meanwhile(long credit, string change, Acceptance expected)
    {
        var tenant = await spine.TenantAsync(credit);
        var pool = await spine.PoolAsync();
        await using var other = await OtherTransaction.BeginAsync(spine, $"update accounts set {change} where tenant_id = $1", tenant);

        var accepting = spine.Accept.AcceptAsync(Sample.Task(tenant, pool));
        await other.CommitWhenWaitedForAsync();

        Assert.Equal(expected, await accepting.SoonAsync());
    }

    [Fact]
    public async Task A_debit_may_take_what_another_transaction_brings_meanwhile()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        await using var other = await OtherTransaction.BeginAsync(
            spine, "update accounts set balance = balance + 100 where tenant_id = $1", tenant);

        var booking = spine.Get<AddCredit>().RunAsync(
            tenant, -100, "all of it", "a reason", TestContext.Current.CancellationToken);
        await other.CommitWhenWaitedForAsync();

        Assert.True(await booking.SoonAsync());
        Assert.Equal("0 0", await spine.MoneyAsync(tenant));
    }
}
