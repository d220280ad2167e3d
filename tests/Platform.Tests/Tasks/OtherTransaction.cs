using Npgsql;
using Xunit;

namespace Platform.Tests.Tasks;

/// <summary>A transaction of somebody else that holds its locks until the test lets go.</summary>
internal sealed class OtherTransaction(SpineFixture spine, NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    public static async Task<OtherTransaction> BeginAsync(SpineFixture spine, string sql, Guid id)
    {
        var connection = await spine.Database.Durable.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = id } } };
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new OtherTransaction(spine, connection, transaction);
    }

    /// <summary>Waits until so many statements of this database wait for a lock.</summary>
    public Task WaitedForByAsync(long count) => Poll.UntilAsync(
        $"{count} statements wait for a lock",
        async () => count == await spine.AskAsync<long>(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"));

    public Task CommitAsync() => transaction.CommitAsync(TestContext.Current.CancellationToken);

    public async Task CommitWhenWaitedForAsync()
    {
        await WaitedForByAsync(1);
        await CommitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
