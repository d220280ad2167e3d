using Xunit;

namespace Platform.Tests.Layout;

public sealed class MigrationRulesTests
{
    [Theory]
    [InlineData("alter table tasks drop column webhook_url;")]
    [InlineData("DROP TABLE pools;")]
    [InlineData("alter table tasks rename column a to b;")]
    [InlineData("alter table tasks rename to other;")]
    [InlineData("alter table tasks alter column attempt type bigint;")]
    [InlineData("alter table tasks alter column attempt set not null;")]
    [InlineData("alter table tasks add column worker uuid not null;")]
    [InlineData("truncate request_rates;")]
    [InlineData("drop view task_states;")]
    [InlineData("alter table tasks drop constraint tasks_state_check;")]
    [InlineData("delete from webhooks;")]
    public void Catches_what_the_release_before_may_not_survive(string sql) => Assert.NotEmpty(Check("008_change.sql", sql));

    [Theory]
    [InlineData("create table nodes (node_id uuid primary key, host text not null);")]
    [InlineData("alter table tasks add column trace bytea;")]
    [InlineData("alter table tasks add column tries integer not null default 0;")]
    [InlineData("create index concurrently_not on tasks (pool);")]
    [InlineData("drop index tasks_by_tenant;")]
    [InlineData("-- this does not drop table tasks\nselect 1;")]
    [InlineData("-- contract: no release since 0.3 reads it\nalter table tasks drop column webhook_url;")]
    public void Lets_pass_what_only_adds_and_what_says_why(string sql) => Assert.Empty(Check("008_change.sql", sql));

    [Fact]
    public void Wants_a_reason_and_not_a_word() => Assert.NotEmpty(Check("009_change.sql", "-- contract: ok\ndrop table pools;"));

    [Fact]
    public void Leaves_alone_what_was_made_before_the_rule() => Assert.Empty(Check("002_open_tasks.sql", "drop table pools;"));

    [Fact]
    public void Every_migration_can_run_beside_the_release_before_it()
    {
        var folder = Path.Combine(SourceTree.Current.Root, "src/Platform/Persistence/Migrations");
        var migrations = Directory.GetFiles(folder, "*.sql").Order(StringComparer.Ordinal).Select(static path => (path, File.ReadAllText(path))).ToList();
        Assert.NotEmpty(migrations);
        Finding.AssertNone(MigrationRules.Check(migrations));
    }

    private static IEnumerable<Finding> Check(string name, string sql) => MigrationRules.Check([(name, sql)]);
}
