using Platform.Ledger;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger;

public sealed class AddCreditTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Fact]
    public async Task Books_a_payment_with_its_reference_and_reason()
    {
        var tenant = await spine.TenantAsync(credit: 0);

        Assert.True(await BookAsync(tenant, 2_500_000, "invoice 7"));

        Assert.Equal("2500000 0", await spine.MoneyAsync(tenant));
        Assert.Equal("credit 2500000 2500000 0 invoice 7 a reason", await spine.AskAsync<string>(
            """
            select concat_ws(' ', kind, amount, balance_after, held_after, reference, reason) from ledger_entries where tenant_id = $1
            """,
            tenant));
    }

    [Fact]
    public async Task The_same_reference_books_once_whatever_its_amount()
    {
        var tenant = await spine.TenantAsync(credit: 0);

        Assert.True(await BookAsync(tenant, 100, "a"));
        Assert.False(await BookAsync(tenant, 100, "a"));
        Assert.False(await BookAsync(tenant, 999, "a"));
        Assert.False(await BookAsync(tenant, -999, "a"));
        Assert.True(await BookAsync(tenant, 100, "b"));

        Assert.Equal("200 0", await spine.MoneyAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task Of_20_payments_with_one_reference_at_once_exactly_one_is_booked()
    {
        var tenant = await spine.TenantAsync(credit: 0);

        var booked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => BookAsync(tenant, 100, "a"))));

        Assert.Single(booked, true);
        Assert.Equal("100 0", await spine.MoneyAsync(tenant));
        Assert.Equal("credit 100", await spine.EntriesAsync(tenant));
    }

    [Fact]
    public async Task Two_tenants_may_use_the_same_reference()
    {
        Assert.True(await BookAsync(await spine.TenantAsync(credit: 0), 100, "same"));
        Assert.True(await BookAsync(await spine.TenantAsync(credit: 0), 100, "same"));
    }

    [Fact]
    public async Task A_debit_takes_what_is_available_and_not_more()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        await spine.RunningAsync(tenant, results: 2);

        await Assert.ThrowsAsync<InsufficientCreditException>(() => BookAsync(tenant, -801, "too much"));
        Assert.True(await BookAsync(tenant, -800, "all"));

        Assert.Equal("200 200", await spine.MoneyAsync(tenant));
        Assert.Equal("hold 200, debit 800", await spine.EntriesAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task Debits_at_once_take_no_more_than_there_is()
    {
        var tenant = await spine.TenantAsync(credit: 1000);

        var taken = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                return await BookAsync(tenant, -100, $"debit {i}");
            }
            catch (InsufficientCreditException)
            {
                return false;
            }
        })));

        Assert.Equal(10, taken.Count(one => one));
        Assert.Equal("0 0", await spine.MoneyAsync(tenant));
        await Books.AssertInOrderAsync(spine);
    }

    [Fact]
    public async Task A_tenant_that_does_not_exist_is_no_silent_success()
    {
        await Assert.ThrowsAsync<KeyNotFoundException>(() => BookAsync(Guid.NewGuid(), 100, "a"));
    }

    [Theory]
    [InlineData(10, 0, 4, 6)]
    [InlineData(-10, 15, 4, 1)]
    public void Available_is_balance_and_limit_without_what_is_held(long balance, long limit, long held, long available) =>
        Assert.Equal(available, new Account { Balance = balance, CreditLimit = limit, Held = held }.Available);

    private Task<bool> BookAsync(Guid tenant, long amount, string reference) =>
        spine.Get<AddCredit>().RunAsync(tenant, amount, reference, "a reason", TestContext.Current.CancellationToken);
}
