using Npgsql;
using Platform.Persistence.Embedded;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence.Embedded;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Starter starter = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_second_start_finds_the_data_of_the_first()
    {
        await using (var first = await starter.StartAsync(folder.Path))
        {
            await RunAsync(first, "create table kept as select 42 as answer");
        }

        await using var second = await starter.StartAsync(folder.Path);

        Assert.Equal(42, await RunAsync(second, "select answer from kept"));
    }

    [Fact]
    public async Task Listens_on_a_socket_alone_and_keeps_what_it_confirmed()
    {
        await using var database = await starter.StartAsync(folder.Path);

        Assert.Equal("", await RunAsync(database, "show listen_addresses"));
        Assert.Equal("on", await RunAsync(database, "show fsync"));
        Assert.Equal("on", await RunAsync(database, "show synchronous_commit"));
        Assert.Equal("on", await RunAsync(database, "show data_checksums"));
        Assert.Equal("UTF8 C", await RunAsync(
            database, "select pg_encoding_to_char(encoding) || ' ' || datcollate from pg_database where datname = 'platform'"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Mode(folder["postgres"]));
    }

    [Fact]
    public async Task Never_runs_as_root()
    {
        await using var database = await starter.StartAsync(folder.Path);

        var ids = File.ReadLines($"/proc/{database.ProcessId}/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal));

        Assert.DoesNotContain("0", ids.Split('\t')[1..], StringComparer.Ordinal);
    }

    [Fact]
    public async Task Overrides_a_setting()
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["max_connections"] = "7" };
        await using var database = await starter.StartAsync(folder.Path, options => options with { Settings = settings });

        Assert.Equal("7", await RunAsync(database, "show max_connections"));
    }

    [Fact]
    public async Task Refuses_a_folder_that_another_server_uses_and_leaves_that_one_alone()
    {
        await using var first = await starter.StartAsync(folder.Path);

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => starter.StartAsync(folder.Path));

        Assert.Contains("Another process uses the database", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await RunAsync(first, "select 1"));
    }

    [Fact]
    public async Task Says_when_the_database_died_without_being_asked()
    {
        await using var database = await starter.StartAsync(folder.Path);
        Assert.False(database.Exited.IsCompleted);

        Assert.True(Native.Signal(database.ProcessId, Native.Kill));

        await database.Exited.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Contains(starter.Log.Messages, message => message.Contains("ended unexpectedly", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Does_not_call_a_requested_stop_a_death()
    {
        var database = await starter.StartAsync(folder.Path);

        await database.DisposeAsync();
        await database.DisposeAsync();

        Assert.False(database.Exited.IsCompleted);
        Assert.False(File.Exists(folder["postgres/postmaster.pid"]));
    }

    [Fact]
    public async Task Puts_the_socket_elsewhere_when_the_data_folder_has_a_long_name()
    {
        var deep = Path.Combine(folder.Path, new string('d', 120));
        var database = await starter.StartAsync(deep);
        var socketFolder = new NpgsqlConnectionStringBuilder(database.ConnectionString).Host!;

        Assert.Equal(1, await RunAsync(database, "select 1"));
        Assert.True(socketFolder.Length < 40);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Mode(socketFolder));

        await database.DisposeAsync();
        Assert.False(Directory.Exists(socketFolder));
    }

    [Fact]
    public async Task Logs_no_statement_and_no_value_of_a_failed_one()
    {
        await using (var database = await starter.StartAsync(folder.Path))
        {
            await RunAsync(database, "create table secrets (words text primary key)");
            await RunAsync(database, "insert into secrets values ('hush-hush')");
            await Assert.ThrowsAsync<PostgresException>(() => RunAsync(database, "insert into secrets values ('hush-hush')"));
        }

        var log = await File.ReadAllTextAsync(folder["postgres.log"], TestContext.Current.CancellationToken);

        Assert.Contains("duplicate key value", log, StringComparison.Ordinal);
        Assert.DoesNotContain("hush-hush", log, StringComparison.Ordinal);
    }

    private static UnixFileMode Mode(string path) => OperatingSystem.IsLinux() ? File.GetUnixFileMode(path) : default;

    private static async Task<object?> RunAsync(EmbeddedPostgres database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
