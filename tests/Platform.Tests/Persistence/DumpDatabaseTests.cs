using Npgsql;
using Platform.Persistence;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence;

public sealed class DumpDatabaseTests(TestDatabase source, TestPostgres postgres) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_newer_tool_restores_into_an_older_server_by_way_of_psql()
    {
        await ExecuteAsync(source.ConnectionString, "insert into pools (pool) values ('kept')");
        await using var from = new Database(source.ConnectionString, maxConnections: 2);
        await DumpDatabase.WriteAsync(from, folder["dump"], Token);
        var target = await postgres.CreateDatabaseAsync();
        try
        {
            await using var to = new Database(target, maxConnections: 2);
            await ExecuteAsync(target, "drop schema public cascade; create schema public");

            await DumpDatabase.ReadIntoOlderAsync(["--no-owner", "--no-privileges", folder["dump"]], 15, to, Token);

            Assert.Equal(1L, await ExecuteAsync(target, "select count(*) from pools where pool = 'kept'"));
            var again = await Assert.ThrowsAsync<BackupRefusedException>(
                () => DumpDatabase.ReadIntoOlderAsync(["--no-owner", "--no-privileges", folder["dump"]], 15, to, Token));
            Assert.Contains("already exists", again.Message, StringComparison.Ordinal);
            Assert.Equal(1L, await ExecuteAsync(target, "select count(*) from pools where pool = 'kept'"));
        }
        finally
        {
            await postgres.DropDatabaseAsync(target);
        }
    }

    [Fact]
    public async Task A_dump_that_breaks_off_leaves_nothing_behind()
    {
        await using var from = new Database(source.ConnectionString, maxConnections: 2);
        await DumpDatabase.WriteAsync(from, folder["whole"], Token);
        var whole = await File.ReadAllBytesAsync(folder["whole"], Token);
        await File.WriteAllBytesAsync(folder["broken"], whole[..(whole.Length * 9 / 10)], Token);
        var target = await postgres.CreateDatabaseAsync();
        try
        {
            await using var to = new Database(target, maxConnections: 2);
            await ExecuteAsync(target, "drop schema public cascade; create schema public");

            var fault = await Assert.ThrowsAsync<BackupRefusedException>(
                () => DumpDatabase.ReadIntoOlderAsync(["--no-owner", "--no-privileges", folder["broken"]], 15, to, Token));

            Assert.StartsWith("pg_restore failed", fault.Message, StringComparison.Ordinal);
            Assert.Equal(0L, await ExecuteAsync(target, "select count(*) from pg_class where relnamespace = 'public'::regnamespace"));
        }
        finally
        {
            await postgres.DropDatabaseAsync(target);
        }
    }

    [Theory]
    [InlineData("SET transaction_timeout = 0;", null)]
    [InlineData("SET lock_timeout = 0;", "SET lock_timeout = 0;")]
    public void The_setting_that_an_older_server_does_not_know_is_left_out(string line, string? kept) => Assert.Equal(kept, DumpDatabase.ForOlder(line));

    [Fact]
    public void The_tools_verify_the_server_as_the_driver_does()
    {
        var verifying = DumpDatabase.EnvironmentOf(new NpgsqlConnectionStringBuilder(
            "Host=db;Database=platform;Username=u;Password=p;SSL Mode=VerifyFull;Root Certificate=/ca/ca.crt"));
        Assert.Equal(("verify-full", "/ca/ca.crt", "p"), (verifying["PGSSLMODE"], verifying["PGSSLROOTCERT"], verifying["PGPASSWORD"]));

        var bySystem = DumpDatabase.EnvironmentOf(new NpgsqlConnectionStringBuilder("Host=db;SSL Mode=VerifyFull"));
        Assert.Equal("/etc/ssl/certs/ca-certificates.crt", bySystem["PGSSLROOTCERT"]);

        var plain = DumpDatabase.EnvironmentOf(new NpgsqlConnectionStringBuilder("Host=db"));
        Assert.Equal("prefer", plain["PGSSLMODE"]);
        Assert.False(plain.ContainsKey("PGSSLROOTCERT"));
    }

    [Fact]
    public async Task Looking_through_lists_is_ended_by_the_server()
    {
        await using var database = new Database(source.ConnectionString, maxConnections: 20);
        await using var ask = database.Looks.CreateCommand("show statement_timeout");
        Assert.Equal("5s", await ask.ExecuteScalarAsync(Token));
    }

    public void Dispose() => folder.Dispose();

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var data = NpgsqlDataSource.Create(connectionString);
        await using var command = data.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Token);
    }
}
