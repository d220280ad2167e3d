using Platform.Persistence.Embedded;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Persistence.Embedded;

/// <summary>Every failed start is one exception that a person at a terminal can act on.</summary>
public sealed class EmbeddedPostgresFailureTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Starter starter = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Names_the_version_that_made_an_old_cluster()
    {
        Directory.CreateDirectory(folder["postgres"]);
        await File.WriteAllTextAsync(folder["postgres/PG_VERSION"], "12\n", TestContext.Current.CancellationToken);

        var refusal = await FailAsync();

        Assert.Contains("made by PostgreSQL 12", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("install postgresql-12", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_binaries_that_are_too_old()
    {
        await ScriptAsync("postgres", "echo 'postgres (PostgreSQL) 14.9'");

        var refusal = await FailAsync(options => options with { BinariesFolder = folder["bin"] });

        Assert.Contains("15 or newer is needed, but here is version 14", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_that_the_disk_is_full_when_the_cluster_cannot_be_made()
    {
        await ScriptAsync("postgres", "echo 'postgres (PostgreSQL) 16.1'");
        await ScriptAsync("initdb", "echo 'initdb: error: could not write: No space left on device' >&2; exit 1");

        var refusal = await FailAsync(options => options with { BinariesFolder = folder["bin"] });

        Assert.Contains("is full: free some space", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("initdb: error", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["postgres"]));
    }

    [Fact]
    public async Task Shows_the_servers_last_lines_when_it_does_not_start()
    {
        var refusal = await FailAsync(Broken);

        Assert.Contains("does not start", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("\"port\"", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Starts_after_a_failed_start_was_put_right()
    {
        await FailAsync(Broken);

        await using var database = await starter.StartAsync(folder.Path);

        Assert.False(database.Exited.IsCompleted);
    }

    [Fact]
    public async Task Gives_up_on_a_server_that_never_gets_ready()
    {
        await ScriptAsync(
            "postgres", "[ \"$1\" = --version ] && exec echo 'postgres (PostgreSQL) 16.1'; echo working >&2; exec sleep 600");
        await ScriptAsync("initdb", "exit 0");

        var refusal = await FailAsync(options => options with
        {
            BinariesFolder = folder["bin"],
            StartTimeout = TimeSpan.FromSeconds(2),
        });

        Assert.Contains("not ready after 2 s", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("working", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaves_a_folder_alone_that_is_not_a_database()
    {
        Directory.CreateDirectory(folder["postgres"]);
        await File.WriteAllTextAsync(folder["postgres/letter.txt"], "mine", TestContext.Current.CancellationToken);

        var refusal = await FailAsync();

        Assert.Contains("is no database that this user can read", refusal.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["postgres/letter.txt"]));
    }

    private static EmbeddedPostgresOptions Broken(EmbeddedPostgresOptions options) =>
        options with { Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["port"] = "nonsense" } };

    private Task<EmbeddedPostgresException> FailAsync(Func<EmbeddedPostgresOptions, EmbeddedPostgresOptions>? change = null) =>
        Assert.ThrowsAsync<EmbeddedPostgresException>(() => starter.StartAsync(folder.Path, change));

    private async Task ScriptAsync(string name, string body)
    {
        Directory.CreateDirectory(folder["bin"]);
        var path = Path.Combine(folder["bin"], name);
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n{body}\n", TestContext.Current.CancellationToken);
        Native.ChangeMode(path, Native.Passable);
    }
}
