using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Persistence;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence;

public sealed class MigrateDatabaseTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly MigrationScript First = MigrationScript.Parse("001_shelf", "create table shelf (id int primary key);");

    private static readonly MigrationScript Second = MigrationScript.Parse(
        "002_books", "create table books (shelf int references shelf); insert into shelf values (1), (2); insert into books values (2);");

    private string connectionString = "";
    private NpgsqlDataSource database = null!;

    public async ValueTask InitializeAsync()
    {
        connectionString = await postgres.CreateDatabaseAsync();
        database = NpgsqlDataSource.Create(connectionString);
        // The copy holds the program's own tables; these tests bring their own scripts.
        await ExecuteAsync("drop schema public cascade; create schema public");
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null)
        {
            await database.DisposeAsync();
            await postgres.DropDatabaseAsync(connectionString);
        }
    }

    [Fact]
    public async Task Applies_every_script_in_order_and_records_it()
    {
        await ApplyAsync(First, Second);

        Assert.Equal(
            "1 shelf,2 books", await AskAsync("select string_agg(version || ' ' || name, ',' order by version) from schema_migrations"));
        Assert.Equal(Second.Hash, await AskAsync("select sha256 from schema_migrations where version = 2"));
        Assert.Equal(2L, await AskAsync("select count(*) from shelf"));
    }

    [Fact]
    public async Task Applies_nothing_twice()
    {
        await ApplyAsync(First);
        await ApplyAsync(First, Second);
        await ApplyAsync(First, Second);

        Assert.Equal(2L, await AskAsync("select count(*) from shelf"));
        Assert.Equal(2L, await AskAsync("select count(*) from schema_migrations"));
    }

    [Fact]
    public async Task Refuses_an_applied_script_that_was_edited()
    {
        await ApplyAsync(First);

        var refusal = await Assert.ThrowsAsync<MigrationRefusedException>(
            () => ApplyAsync(First with { Sql = "create table shelf (id bigint primary key);" }, Second));

        Assert.Contains("001_shelf was applied with other content", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1L, await AskAsync("select count(*) from schema_migrations"));
    }

    [Fact]
    public async Task Takes_other_line_ends_for_the_same_script()
    {
        await ApplyAsync(First with { Sql = "create table shelf (\n id int primary key);" });
        await ApplyAsync(First with { Sql = "create table shelf (\r\n id int primary key);" });

        Assert.Equal(1L, await AskAsync("select count(*) from schema_migrations"));
    }

    [Fact]
    public async Task Leaves_a_database_newer_than_the_program_as_it_is()
    {
        await ApplyAsync(First, Second);

        await ApplyAsync(First);

        Assert.Equal(2L, await AskAsync("select count(*) from schema_migrations"));
        await Assert.ThrowsAsync<MigrationRefusedException>(() => ApplyAsync(First with { Sql = "create table shelf (id bigint primary key);" }));
    }

    [Fact]
    public async Task Two_nodes_at_once_apply_each_script_once()
    {
        var slow = First with { Sql = First.Sql + " select pg_sleep(0.2);" };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ApplyAsync(slow, Second)));

        Assert.Equal(2L, await AskAsync("select count(*) from shelf"));
        Assert.Equal(2L, await AskAsync("select count(*) from schema_migrations"));
    }

    [Fact]
    public async Task A_script_that_fails_leaves_nothing_and_the_ones_before_it_stay()
    {
        var broken = Second with { Sql = "create table half (id int); select 1 / 0;" };

        var failure = await Assert.ThrowsAsync<PostgresException>(() => ApplyAsync(First, broken));

        Assert.Equal(PostgresErrorCodes.DivisionByZero, failure.SqlState);
        Assert.Equal("shelf", await AskAsync("select string_agg(name, ',') from schema_migrations"));
        Assert.Equal(DBNull.Value, await AskAsync("select to_regclass('half')::text"));
        await ApplyAsync(First, Second);
        Assert.Equal(2L, await AskAsync("select count(*) from schema_migrations"));
    }

    [Fact]
    public async Task Runs_functions_with_semicolons_in_their_body()
    {
        var function = MigrationScript.Parse(
            "001_twice", "create function twice(n int) returns int language plpgsql as $$ begin n := n + n; return n; end; $$; select 1;");

        await ApplyAsync(function);

        Assert.Equal(42, await AskAsync("select twice(21)"));
    }

    [Fact]
    public async Task Refuses_a_list_with_a_gap()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => ApplyAsync(First, Second with { Version = 3 }));
    }

    [Theory]
    [InlineData("1_short")]
    [InlineData("abc_name")]
    [InlineData("001")]
    [InlineData("000_zero")]
    public void Refuses_a_file_name_that_says_no_number_and_no_purpose(string fileName) =>
        Assert.Throws<ArgumentException>(() => MigrationScript.Parse(fileName, "select 1"));

    [Fact]
    public async Task The_programs_own_scripts_apply_to_an_empty_database()
    {
        await MigrateDatabase.ApplyAsync(database, NullLogger.Instance, TestContext.Current.CancellationToken);

        Assert.Equal((long)MigrationScript.Embedded().Count, await AskAsync("select count(*) from schema_migrations"));
    }

    private Task ApplyAsync(params MigrationScript[] scripts) =>
        MigrateDatabase.ApplyAsync(database, scripts, NullLogger.Instance, TestContext.Current.CancellationToken);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private async Task<object?> AskAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
