using Npgsql;
using Platform.Persistence.Embedded;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence.Embedded;

/// <summary>Who the database runs as, and where its files go when that user cannot reach the data folder.</summary>
public sealed class PostgresAccountTests : IDisposable
{
    private const uint OwnerOnly = 0b111_000_000;

    private readonly TempFolder folder = new();
    private readonly Starter starter = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Keeps_the_cluster_elsewhere_when_the_database_user_cannot_enter()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root drops to another user.");
        var data = Locked();
        string home;
        await using (var first = await starter.StartAsync(data))
        {
            home = (await ReadAsync(Path.Combine(data, PostgresHome.PointerFile))).Trim();
            await AskAsync(first, "create table kept as select 42 as answer");
        }

        try
        {
            await using var second = await starter.StartAsync(data);

            Assert.Equal(42, await AskAsync(second, "select answer from kept"));
            Assert.StartsWith("/var/lib/platform/", home, StringComparison.Ordinal);
            Assert.False(Directory.Exists(Path.Combine(data, "postgres")));
            Assert.Single(starter.Log.Messages, message => message.Contains($"database is in {home}", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(home, recursive: true);
        }
    }

    [Fact]
    public async Task Refuses_to_start_empty_beside_data_that_it_cannot_reach()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root drops to another user.");
        var data = folder["locked/data"];
        await using (await starter.StartAsync(data))
        {
        }

        Native.ChangeMode(folder["locked"], OwnerOnly);

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => starter.StartAsync(data));

        Assert.Contains("cannot enter", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(data, PostgresHome.PointerFile)));
    }

    [Fact]
    public async Task Runs_as_whoever_owns_an_existing_cluster()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root drops to another user.");
        await using (await starter.StartAsync(folder.Path))
        {
        }

        await RunTool.ReadAsync(["chown", "-R", "65534:65534", folder["postgres"]], TestContext.Current.CancellationToken);

        await using var database = await starter.StartAsync(folder.Path);

        Assert.Contains("Uid:\t65534", await ReadAsync($"/proc/{database.ProcessId}/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Works_for_an_ordinary_user()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "The other tests run as an ordinary user already.");
        var nobody = new OsAccount("nobody", 65534, 65534);
        await Needed.PostgresAsync();
        var reachable = await RunTool.RunAsync([ServerProcess.DotNet, "--list-runtimes"], nobody, TestContext.Current.CancellationToken);
        Assert.SkipUnless(reachable.ExitCode == 0, "dotnet stands where another user cannot reach it.");
        Directory.CreateDirectory(folder["theirs"]);
        Native.ChangeOwner(folder["theirs"], nobody.User, nobody.Group);

        var (parent, postmaster) = await ParentToKill.StartAsync(nameof(ParentToKill.Holds_a_database), folder["theirs"], nobody);
        await using (parent)
        {
            Assert.Contains("Uid:\t65534", await ReadAsync($"/proc/{postmaster}/status"), StringComparison.Ordinal);
        }

        await Gone.WaitAsync(postmaster);
    }

    [Fact]
    public async Task Refuses_to_start_empty_when_the_place_elsewhere_is_gone()
    {
        var pointer = folder[PostgresHome.PointerFile];
        await File.WriteAllTextAsync(pointer, folder["gone"], TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => starter.StartAsync(folder.Path));

        Assert.Contains($"delete {pointer}", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["postgres"]));
    }

    private static Task<string> ReadAsync(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

    private string Locked()
    {
        Directory.CreateDirectory(folder["locked/data"]);
        Native.ChangeMode(folder["locked"], OwnerOnly);
        return folder["locked/data"];
    }

    private static async Task<object?> AskAsync(EmbeddedPostgres database, string sql)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }
}
