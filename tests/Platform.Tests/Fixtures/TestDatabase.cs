using Npgsql;
using Xunit;

namespace Platform.Tests.Fixtures;

/// <summary>A migrated database of one test class (<c>IClassFixture&lt;TestDatabase&gt;</c>), dropped at its end.</summary>
public sealed class TestDatabase(TestPostgres postgres) : IAsyncLifetime
{
    public string ConnectionString { get; private set; } = "";

    public NpgsqlDataSource Source { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await postgres.CreateDatabaseAsync();
        Source = NpgsqlDataSource.Create(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (Source is not null)
        {
            await Source.DisposeAsync();
            await postgres.DropDatabaseAsync(ConnectionString);
        }
    }
}
