using Npgsql;
using Platform.Tests.Crash;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>
/// During an upgrade the release before works on the schema of the one to come. <c>tests/releases.txt</c> lists the releases that must; where one is
/// built is told by <c>PLATFORM_RELEASE_&lt;name&gt;</c> (dots as underscores), the path of its Platform.Server.dll. Until there is a release the program of
/// this build stands in, on a schema that has been expanded in every table.
/// </summary>
[Collection(Stories.Name)]
public sealed class PreviousReleaseTests(TestPostgres postgres, TestRabbit rabbit)
{
    private static string[] Releases => [.. File.ReadLines(ListFile).Where(static line => line.Length > 0 && line[0] != '#')];

    private static string ListFile => Path.Combine(Layout.SourceTree.Current.Root, "tests/releases.txt");

    [Fact]
    public async Task An_expanded_schema_serves_the_program_before_it()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        await using var source = NpgsqlDataSource.Create(cluster.ConnectionString);
        await using var expand = source.CreateCommand(
            """
            do $$ declare t regclass; begin
                for t in select c.oid::regclass from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' loop
                    execute format('alter table %s add column expanded text default ''new'', add column counted bigint not null default 7', t);
                end loop;
            end $$;
            create table from_the_future (id bigint primary key);
            insert into schema_migrations (version, name, sha256) select max(version) + 1, 'from_the_future', 'unknown here' from schema_migrations
            """);
        await expand.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using var all = await cluster.StartAsync("api,worker,scheduler", ("PLATFORM_URLS", cluster.Address.OriginalString));
        await LiveAsync(cluster, source);
        Assert.Equal(0, await all.StopAsync());
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    [Fact]
    public async Task The_releases_before_work_on_this_schema()
    {
        Assert.SkipWhen(Releases.Length == 0, "there is no release yet");
        foreach (var release in Releases)
        {
            await WorksOnThisSchemaAsync(release);
        }
    }

    private async Task WorksOnThisSchemaAsync(string release)
    {
        var server = Environment.GetEnvironmentVariable($"PLATFORM_RELEASE_{release.Replace('.', '_')}");
        if (server is null || !File.Exists(server))
        {
            Needed.Missing($"release {release} is not built: set PLATFORM_RELEASE_{release.Replace('.', '_')} to its Platform.Server.dll.");
        }

        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        await using var source = NpgsqlDataSource.Create(cluster.ConnectionString);
        await using var worker = await ChildProcess.StartAsync(
            [ServerProcess.DotNet, server!, "serve", "--roles", "worker", "--data", folder.Path], cluster.Settings);
        await worker.WaitForLineAsync(static line => line.StartsWith("Ready:", StringComparison.Ordinal));
        await using var api = await cluster.StartAsync("api,scheduler", ("PLATFORM_URLS", cluster.Address.OriginalString));
        await LiveAsync(cluster, source);
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    // What touches every table that tasks, money, webhooks and limits live in.
    private static async Task LiveAsync(Cluster cluster, NpgsqlDataSource source)
    {
        await using var receiver = await Platform.Tests.Delivery.Webhooks.HookReceiver.StartAsync();
        var customer = await new Operator(cluster.Address, Cluster.AdminKey).NewCustomerAsync();
        Assert.Single(await customer.SpeakAsync(Ask.ForSpeech("Before and after.")));
        var task = Ask.ForSpeech(more: $$"""{"numberResults":2,"webhookURL":"{{receiver.Url()}}"}""");
        await customer.SendAsync(task);
        await receiver.HeardAsync(2);
        await customer.PollToEndAsync(Ask.UuidOf(task));
        var stopped = Ask.ForSpeech(more: """{"deliveryMethod":"async"}""");
        await customer.SendAsync(stopped);
        await customer.SendAsync(Ask.ToCancel(Ask.UuidOf(stopped)));
        await Until.TrueAsync(async () => (await customer.PollAsync(Ask.UuidOf(stopped))).Items.All(static item => (string?)item["status"] != "processing"));
        await new Books(source).CheckAsync(customer.TenantId);
    }
}
