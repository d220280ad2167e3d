using Npgsql;
using Platform.Persistence;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence;

public sealed class KeptConnectionTests(TestDatabase test) : IClassFixture<TestDatabase>, IAsyncDisposable
{
    private readonly Database database = new(test.ConnectionString, maxConnections: 4);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_on_the_same_connection_however_many_the_pool_has()
    {
        await OpenAllAsync();
        var kept = database.KeepDurable("one");
        var first = await AskAsync(kept);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(first, await AskAsync(kept));
        }
    }

    [Fact]
    public async Task Takes_another_one_while_it_is_in_use()
    {
        var kept = database.KeepDurable("one");
        var first = await AskAsync(kept);
        var (inside, outside) = await kept.RunAsync(async connection => (await PidAsync(connection), await AskAsync(kept)), Token);

        Assert.Equal(first, inside);
        Assert.NotEqual(first, outside);
    }

    [Fact]
    public async Task Goes_on_with_another_one_when_it_broke()
    {
        var kept = database.KeepDurable("one");
        var first = await AskAsync(kept);
        await using (var end = test.Source.CreateCommand($"select pg_terminate_backend({first})"))
        {
            await end.ExecuteScalarAsync(Token);
        }

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => AskAsync(kept));
        Assert.NotEqual(first, await AskAsync(kept));
    }

    [Fact]
    public async Task A_statement_keeps_one_however_many_ask_for_it_and_a_small_pool_none()
    {
        Assert.Same(database.KeepDurable("one"), database.KeepDurable("one"));
        Assert.NotSame(database.KeepDurable("one"), database.KeepDurable("another"));

        await using var small = new Database(test.ConnectionString, maxConnections: 1);
        await AskAsync(small.KeepDurable("one"));
        await using var free = await small.Durable.OpenConnectionAsync(Token);
        Assert.Equal(System.Data.ConnectionState.Open, free.State);
    }

    public async ValueTask DisposeAsync() => await database.DisposeAsync();

    private static Task<int> AskAsync(KeptConnection kept) => kept.RunAsync(PidAsync, Token);

    private static async Task<int> PidAsync(NpgsqlConnection connection)
    {
        await using var ask = new NpgsqlCommand("select pg_backend_pid()", connection);
        return (int)(await ask.ExecuteScalarAsync(Token))!;
    }

    private async Task OpenAllAsync()
    {
        var open = new List<NpgsqlConnection>();
        for (var i = 0; i < 4; i++)
        {
            open.Add(await database.Durable.OpenConnectionAsync(Token));
        }

        foreach (var one in open)
        {
            await one.DisposeAsync();
        }
    }
}
