using Npgsql;
using Xunit;

namespace Platform.Tests.Fixtures;

public sealed class TestPostgresTests(TestPostgres postgres, TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task A_copy_has_the_migrations_and_is_nobody_elses()
    {
        var other = await postgres.CreateDatabaseAsync();
        await using (var source = NpgsqlDataSource.Create(other))
        {
            await ExecuteAsync(source, "create table mine (id int)");
            Assert.Equal(true, await AskAsync(source, "select to_regclass('schema_migrations') is not null"));
        }

        Assert.Equal(false, await AskAsync(database.Source, "select to_regclass('mine') is not null"));
        await postgres.DropDatabaseAsync(other);
        var name = new NpgsqlConnectionStringBuilder(other).Database;
        Assert.Equal(false, await AskAsync(database.Source, $"select exists (select from pg_database where datname = '{name}')"));
    }

    [Fact]
    public async Task A_private_one_keeps_its_data_over_a_crash()
    {
        await using var own = await PrivatePostgres.StartNewAsync(durable: true);
        await using var source = NpgsqlDataSource.Create(own.ConnectionString);
        await ExecuteAsync(source, "create table kept as select 42 as answer");

        await own.KillAsync();
        await own.StartAsync();
        source.Clear();

        Assert.Equal(42, await AskAsync(source, "select answer from kept"));
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<object?> AskAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
