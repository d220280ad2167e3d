using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Persistence;
using Platform.Tests.Fixtures;
using Xunit;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Platform.Tests.Fixtures;

/// <summary>
/// The PostgreSQL of this test run: the one <c>PLATFORM_TEST_POSTGRES</c> names, else a private one that starts with the
/// first test that asks. A template with all migrations is made once; every database is a copy of it.
/// </summary>
public sealed class TestPostgres : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly string template = "template_" + Guid.NewGuid().ToString("n");
    private PrivatePostgres? own;
    private NpgsqlDataSource? admin;
    private Exception? failure;

    /// <summary>The connection string of a new database with every migration applied.</summary>
    internal async Task<string> CreateDatabaseAsync()
    {
        await gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await StartAsync();
            // The source of a copy must have no other connection, so copies are made one after the other.
            var name = "test_" + Guid.NewGuid().ToString("n");
            await ExecuteAsync($"create database {name} template {template}");
            return Named(name);
        }
        finally
        {
            gate.Release();
        }
    }

    internal async Task DropDatabaseAsync(string connectionString)
    {
        var name = new NpgsqlConnectionStringBuilder(connectionString).Database;
        await ExecuteAsync($"drop database if exists {name} with (force)");
    }

    public async ValueTask DisposeAsync()
    {
        if (admin is not null)
        {
            await ExecuteAsync($"drop database if exists {template} with (force)");
            await admin.DisposeAsync();
        }

        if (own is not null)
        {
            await own.DisposeAsync();
        }

        gate.Dispose();
    }

    private async Task StartAsync()
    {
        // A server that cannot start costs its waiting time once, not once per class.
        if (failure is not null)
        {
            throw failure;
        }

        if (admin is not null)
        {
            return;
        }

        try
        {
            await OpenAsync();
        }
        catch (Exception cause)
        {
            failure = cause;
            throw;
        }
    }

    private async Task OpenAsync()
    {
        var given = Environment.GetEnvironmentVariable("PLATFORM_TEST_POSTGRES");
        if (string.IsNullOrEmpty(given))
        {
            own = await PrivatePostgres.StartNewAsync(durable: false);
            given = own.ConnectionString;
        }

        admin = NpgsqlDataSource.Create(given);
        await ExecuteAsync($"create database {template}");
        await using var source = NpgsqlDataSource.Create(Named(template) + ";Pooling=false");
        await MigrateDatabase.ApplyAsync(source, NullLogger.Instance, CancellationToken.None);
    }

    // The data source hides a password; the builder of the given string keeps it.
    private string Named(string database) =>
        new NpgsqlConnectionStringBuilder(own?.ConnectionString ?? Environment.GetEnvironmentVariable("PLATFORM_TEST_POSTGRES"))
        {
            Database = database,
        }.ConnectionString;

    private async Task ExecuteAsync(string sql)
    {
        await using var command = admin!.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
