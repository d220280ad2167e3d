using Npgsql;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger;

public sealed class LedgerTablesTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Theory]
    [InlineData("update ledger_entries set amount = amount + 1")]
    [InlineData("delete from ledger_entries")]
    [InlineData("truncate ledger_entries")]
    public async Task Entries_can_be_neither_changed_nor_removed(string sql)
    {
        var tenant = await spine.TenantAsync(credit: 100);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => spine.ExecuteAsync(sql));

        Assert.Contains("append-only", refused.MessageText, StringComparison.Ordinal);
        Assert.Equal(1L, await spine.AskAsync<long>("select count(*) from ledger_entries where tenant_id = $1", tenant));
    }

    [Theory]
    [InlineData("update accounts set held = 101 where tenant_id = $1")]
    [InlineData("update accounts set balance = -1 where tenant_id = $1")]
    [InlineData("update accounts set held = -1 where tenant_id = $1")]
    [InlineData("update accounts set credit_limit = -1 where tenant_id = $1")]
    public async Task The_account_itself_refuses_what_must_never_be(string sql)
    {
        var tenant = await spine.TenantAsync(credit: 100);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => spine.ExecuteAsync(sql, tenant));

        Assert.Equal(PostgresErrorCodes.CheckViolation, refused.SqlState);
        Assert.Equal("100 0", await spine.MoneyAsync(tenant));
    }

    [Fact]
    public async Task Every_kind_moves_money_between_two_different_accounts_and_only_an_adjustment_may_be_negative()
    {
        Assert.Equal(
            "adjustment capture credit debit expiry grant hold refund release",
            await spine.AskAsync<string>("select string_agg(kind, ' ' order by kind) from ledger_kinds where from_account <> to_account"));
        var tenant = await spine.TenantAsync(credit: 0);
        const string Entry = "insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after) values ($1, $2, -1, -1, 0)";

        await Assert.ThrowsAsync<PostgresException>(() => spine.ExecuteAsync(Entry, tenant, "credit"));
        await spine.ExecuteAsync(Entry, tenant, "adjustment");

        Assert.Equal(0m, await spine.AskAsync<decimal>("select sum(amount) from ledger_legs where tenant_id = $1", tenant));
    }
}
