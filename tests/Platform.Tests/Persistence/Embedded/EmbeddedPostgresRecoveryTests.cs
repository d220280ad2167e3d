using Npgsql;
using Platform.Persistence.Embedded;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence.Embedded;

/// <summary>What an earlier start may have left, and the next one must cope with.</summary>
public sealed class EmbeddedPostgresRecoveryTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Starter starter = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_killed_parent_leaves_nothing_that_blocks_the_next_start()
    {
        await Needed.PostgresAsync();
        var (parent, postmaster) = await ParentToKill.StartAsync(nameof(ParentToKill.Holds_a_database), folder.Path);
        await using (parent)
        {
            Assert.True(Directory.Exists($"/proc/{postmaster}"));
            await parent.KillAsync();
        }

        await using var next = await starter.StartAsync(folder.Path);

        Assert.NotEqual(postmaster, next.ProcessId);
        Assert.False(Gone.Runs(postmaster));
        Assert.Equal(1, await AskAsync(next, "select 1"));
    }

    [Fact]
    public async Task A_killed_parent_takes_the_database_with_it_even_if_nobody_starts_again()
    {
        await Needed.PostgresAsync();
        var (parent, postmaster) = await ParentToKill.StartAsync(nameof(ParentToKill.Holds_a_database), folder.Path);
        await using (parent)
        {
            await parent.KillAsync();
        }

        await Gone.WaitAsync(postmaster);

        Assert.False(File.Exists(folder["postgres/postmaster.pid"]));
    }

    [Fact]
    public async Task Stops_an_orphan_on_its_own_cluster()
    {
        await CreateAsync();
        await using var orphan = await StartByHandAsync();

        await using var next = await starter.StartAsync(folder.Path);

        Assert.True(orphan.Exit.IsCompleted);
        Assert.Contains(starter.Log.Messages, message => message.Contains($"process {orphan.Id}", StringComparison.Ordinal));
        Assert.Equal(1, await AskAsync(next, "select 1"));
    }

    [Fact]
    public async Task Starts_when_the_number_in_the_pid_file_belongs_to_another_program_now()
    {
        await CreateAsync();
        await using var stranger = await ChildProcess.StartAsync(
            ["sleep", "600"], account: await OsAccount.ForDatabaseAsync(folder["postgres"], TestContext.Current.CancellationToken));
        await File.WriteAllTextAsync(
            folder["postgres/postmaster.pid"],
            $"{stranger.Id}\n{folder["postgres"]}\n1700000000\n5432\n{folder["postgres"]}\n\n",
            TestContext.Current.CancellationToken);

        await using var next = await starter.StartAsync(folder.Path);

        Assert.Equal(1, await AskAsync(next, "select 1"));
        Assert.True(Gone.Runs(stranger.Id));
    }

    [Fact]
    public async Task Recovers_what_was_committed_when_the_database_was_killed()
    {
        await using (var first = await starter.StartAsync(folder.Path))
        {
            await AskAsync(first, "create table kept as select 42 as answer");
            Native.Signal(first.ProcessId, Native.Kill);
            await first.Exited.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        await using var next = await starter.StartAsync(folder.Path);

        Assert.Equal(42, await AskAsync(next, "select answer from kept"));
    }

    [Fact]
    public async Task Begins_again_when_the_first_start_was_interrupted_half_way()
    {
        Directory.CreateDirectory(folder["postgres.new/base"]);
        await File.WriteAllTextAsync(folder["postgres.new/PG_VERSION"], "15\n", TestContext.Current.CancellationToken);

        await using var database = await starter.StartAsync(folder.Path);

        Assert.Equal(1, await AskAsync(database, "select 1"));
        Assert.False(Directory.Exists(folder["postgres.new"]));
    }

    private static async Task<object?> AskAsync(EmbeddedPostgres database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private async Task CreateAsync()
    {
        await using var first = await starter.StartAsync(folder.Path);
    }

    private async Task<ChildProcess> StartByHandAsync()
    {
        var cluster = folder["postgres"];
        var binaries = await PostgresBinaries.FindAsync(null, cluster, TestContext.Current.CancellationToken);
        var account = await OsAccount.ForDatabaseAsync(cluster, TestContext.Current.CancellationToken);
        string[] command = [binaries.Server, "-D", cluster, "-k", cluster, "-c", "listen_addresses="];
        var orphan = await ChildProcess.StartAsync(command, account: account);
        await orphan.WaitForLineAsync(line => line.Contains("ready to accept connections", StringComparison.Ordinal));
        return orphan;
    }
}
