using Npgsql;
using Xunit;
using Xunit.Sdk;

namespace Platform.Tests.Fixtures;

/// <summary>A migrated database of one test class (<c>IClassFixture&lt;TestDatabase&gt;</c>), dropped at its end.</summary>
public sealed class TestDatabase(TestPostgres postgres) : IAsyncLifetime
{
    private SkipException? missing;
    private NpgsqlDataSource? source;

    public string ConnectionString
    {
        get => missing is null ? field : throw missing;
        private set;
    } = "";

    public NpgsqlDataSource Source => missing is null ? source! : throw missing;

    public async ValueTask InitializeAsync()
    {
        try
        {
            ConnectionString = await postgres.CreateDatabaseAsync();
        }
        catch (SkipException cause)
        {
            // xunit takes a skip in a fixture for a failure; thrown again in the test that asks, it counts as a skip.
            missing = cause;
            return;
        }

        source = NpgsqlDataSource.Create(ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        if (source is not null)
        {
            await source.DisposeAsync();
            await postgres.DropDatabaseAsync(ConnectionString);
        }
    }
}
