using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Hosting;
using Platform.Hosting.Doctor;
using Platform.Hosting.Nodes;
using Platform.Persistence;
using Platform.Persistence.Embedded;
using Platform.Tasks;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Hosting.Doctor;

/// <summary>Each planted fault is found, and its line says what to do.</summary>
public sealed class DoctorTests(TestDatabase database, TestRabbit rabbit, S3Server store) : IClassFixture<TestDatabase>, IDisposable
{
    private readonly TempFolder folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finds_nothing_wrong_where_nothing_is()
    {
        var findings = await RunAsync(("Broker:Uri", (await rabbit.GetUriAsync()).OriginalString));

        Assert.All(
            findings.Where(static one => one.Check is "settings" or "database" or "migrations" or "clock" or "broker" or "storage" or "encoders"),
            static one => Assert.Equal((Health.Ok, one.Check), (one.Health, one.Check)));
    }

    [Fact]
    public async Task A_wrong_password()
    {
        await using var postgres = await PrivatePostgres.StartNewAsync(durable: false);
        await ExecuteAsync("create role asked login password 'right'", postgres.ConnectionString);
        // Connections of the tests are trusted: this role alone is asked.
        var hba = (string)(await ExecuteAsync("show hba_file", postgres.ConnectionString))!;
        await File.WriteAllTextAsync(hba, $"local all asked scram-sha-256\n{await File.ReadAllTextAsync(hba, Token)}", Token);
        await ExecuteAsync("select pg_reload_conf()", postgres.ConnectionString);
        var wrong = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { Username = "asked", Password = "wrong" };
        AssertFault(
            await RunAsync(("Database:ConnectionString", wrong.ConnectionString)), "database", "refuses this user or password",
            "Correct Username and Password");
        var broker = new UriBuilder(await rabbit.GetUriAsync()) { Password = "wrong" };
        AssertFault(await RunAsync(("Broker:Uri", broker.Uri.OriginalString)), "broker", "refuses this user or password", "Correct them in Broker:Uri");
    }

    [Fact]
    public async Task A_user_that_the_database_does_not_know()
    {
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Username = "nobody_here" };
        AssertFault(await RunAsync(("Database:ConnectionString", settings.ConnectionString)), "database", "", "Database:ConnectionString");
    }

    [Fact]
    public async Task A_database_that_does_not_exist()
    {
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString) { Database = "not_there" };
        AssertFault(await RunAsync(("Database:ConnectionString", settings.ConnectionString)), "database", "no such database", "Create it");
    }

    [Fact]
    public async Task A_database_that_is_down() => AssertFault(
        await RunAsync(("Database:ConnectionString", $"Host=127.0.0.1;Port={FreePort.One()};Username=x;Database=x")),
        "database", "cannot be reached", "Start it, or correct Host and Port");

    [Fact]
    public async Task A_database_that_is_read_only()
    {
        var name = new NpgsqlConnectionStringBuilder(database.ConnectionString).Database;
        await ExecuteAsync($"alter database {name} set default_transaction_read_only = on");
        try
        {
            AssertFault(await RunAsync(), "database", "read-only", "set it off");
        }
        finally
        {
            await ExecuteAsync($"alter database {name} reset default_transaction_read_only");
        }
    }

    [Fact]
    public async Task A_database_in_recovery()
    {
        await using var postgres = await PrivatePostgres.StartNewAsync(durable: false);
        var standby = postgres.ConnectionString;
        var data = (string)(await ExecuteAsync("show data_directory", standby))!;
        await postgres.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(data, "standby.signal"), "", Token);
        var binaries = await PostgresBinaries.FindAsync(null, data, Token);
        var settings = new NpgsqlConnectionStringBuilder(standby);
        await using var server = await ChildProcess.StartAsync(
            [binaries.Server, "-D", data, "-k", settings.Host!, "-p", $"{settings.Port}", "-c", "listen_addresses=", "-c", "max_connections=300"],
            account: await OsAccount.ForDatabaseAsync(data, Token));
        await server.WaitForLineAsync(static line => line.Contains("ready to accept read-only connections", StringComparison.Ordinal));

        AssertFault(await RunAsync(("Database:ConnectionString", standby)), "database", "in recovery", "pg_promote()");
    }

    [Fact]
    public async Task A_database_whose_disk_is_full()
    {
        await Needed.PostgresAsync();
        await using var disk = await SmallDisk.MountAsync(folder["small"], kilobytes: 128 * 1024);
        await using var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = folder["small/data"] }, NullLogger.Instance, Token);
        await using var migrated = new Database(postgres.ConnectionString, maxConnections: 4);
        await MigrateDatabase.ApplyAsync(migrated.Durable, NullLogger.Instance, Token);
        (string, string?)[] settings = [("Database:ConnectionString", postgres.ConnectionString)];
        Assert.Contains(await RunAsync(settings), static one => one is { Check: "database", Health: Health.Ok });
        await using (var full = File.Create(folder["small/full"]))
        {
            await Assert.ThrowsAsync<IOException>(async () =>
            {
                while (true)
                {
                    await full.WriteAsync(new byte[1 << 16], Token);
                }
            });
        }

        AssertFault(await RunAsync(settings), "database", "disk is full", "Free space on its volume");
    }

    [Fact]
    public void A_database_that_is_too_old() =>
        AssertFault([DatabaseChecks.Judge(140010, isInRecovery: false, isReadOnly: false)], "database", "PostgreSQL 14", "Upgrade");

    [Fact]
    public async Task A_migration_that_is_pending()
    {
        await ExecuteAsync("create table kept as select * from schema_migrations where version > 5; delete from schema_migrations where version > 5");
        try
        {
            AssertFault(await RunAsync(), "migrations", "limits", "Run 'migrate' once");
        }
        finally
        {
            await ExecuteAsync("insert into schema_migrations select * from kept; drop table kept");
        }
    }

    [Fact]
    public async Task A_broker_that_is_down() => AssertFault(
        await RunAsync(("Broker:Uri", $"amqp://guest:guest@127.0.0.1:{FreePort.One()}/")), "broker", "cannot be reached", "Start it or correct Broker:Uri");

    [Fact]
    public async Task A_virtual_host_that_does_not_exist() => AssertFault(
        await RunAsync(("Broker:Uri", new Uri(await rabbit.GetUriAsync(), "/nowhere").OriginalString)), "broker", "nowhere", "rabbitmqctl add_vhost");

    [Fact]
    public async Task A_broker_with_a_memory_alarm()
    {
        await using var node = await RabbitNode.StartNewAsync("vm_memory_high_watermark.absolute = 1MiB");

        AssertFault(await RunAsync(("Broker:Uri", node.Uri.OriginalString)), "broker", "low on memory", "vm_memory_high_watermark");
    }

    // Its greeting, its terms, that the virtual host is open and the first channel; then nothing more. And not even the greeting.
    [Theory]
    [InlineData(4)]
    [InlineData(0)]
    public async Task A_broker_that_hangs(int frames)
    {
        using var muted = new MutedBroker(await rabbit.GetUriAsync(), frames);
        var findings = await RunAsync(("Broker:Uri", muted.Uri.OriginalString));

        AssertFault(findings, "broker", "does not answer in time", "rabbitmqctl status");
        Assert.Contains(findings, static one => one is { Check: "settings", Health: Health.Ok });
    }

    [Fact]
    public async Task A_missing_bucket()
    {
        var findings = await RunAsync(
            ("S3:Bucket", "not-there"), ("S3:Endpoint", await store.EndpointAsync()), ("S3:AccessKey", S3Server.AccessKey),
            ("S3:SecretKey", S3Server.SecretKey));
        AssertFault(findings, "storage", "not-there", "Make the folder or the bucket");
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written()
    {
        await File.WriteAllTextAsync(folder["taken"], "a file where a folder should be", Token);
        AssertFault(await RunAsync(("Storage:Folder", folder["taken"])), "storage", "cannot be stored", "Make the folder");
    }

    [Fact]
    public async Task A_full_disk()
    {
        await using var disk = await SmallDisk.MountAsync(folder["small"], kilobytes: 256);
        await Assert.ThrowsAsync<IOException>(() => File.WriteAllBytesAsync(folder["small/full"], new byte[300 * 1024], Token));

        var findings = await RunAsync(("Data", folder["small"]));

        AssertFault(findings, "disk of the data folder", "0.0 of 0 GiB are free", "Free space or move it");
        AssertFault(findings, "storage", "cannot be stored", "Make the folder or the bucket");
    }

    [Theory]
    [InlineData(100L << 20, 100L << 30, Health.Fault)]
    [InlineData(3L << 30, 100L << 30, Health.Warning)]
    [InlineData(50L << 30, 100L << 30, Health.Ok)]
    internal void A_disk_that_fills_up(long free, long size, Health expected)
    {
        var finding = MachineChecks.JudgeDisk("disk", "/srv", free, size);
        Assert.Equal(expected, finding.Health);
        Assert.Equal(expected != Health.Ok, finding.Fix?.StartsWith("Free space", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task A_missing_engine() => AssertFault(
        await RunAsync(("Espeak:Program", "/nowhere/espeak-ng")), "engine of qwen3_tts_customvoice", "/nowhere/espeak-ng", "Install or start espeak-ng");

    [Fact]
    public async Task A_provider_is_an_engine_like_any_other()
    {
        var findings = await RunAsync(
            ("Engines:Instances:cloud:Kind", "dashscope"), ("Engines:Instances:cloud:Url", $"http://127.0.0.1:{FreePort.One()}"),
            ("Engines:Instances:cloud:ApiKey", "sk-1"), ("Engines:Instances:cloud:Region", "beijing"), ("Engines:Pools:qwen3_tts_flash", "cloud"));

        // Nobody is called, and nobody listens there: the line does not claim more.
        var found = Assert.Single(findings, static one => one.Check == "engine of qwen3_tts_flash");
        Assert.Equal("cloud is set up; whether it answers, its first task shows.", found.Text);
        Assert.Contains(findings, static one => one is { Check: "engine of qwen3_tts_customvoice", Health: Health.Ok });
    }

    [Fact]
    public async Task A_folder_that_has_no_database() => AssertFault(
        await RunAsync(("Database:ConnectionString", ""), ("Data", folder["nothing"])), "database", $"There is none in {folder["nothing"]}", "--data FOLDER");

    [Fact]
    public async Task A_pool_that_nobody_was_meant_to_serve_is_no_fault()
    {
        var findings = await RunAsync();
        var found = Assert.Single(findings, static one => one.Check == "pools not served");
        Assert.Equal(Health.Skipped, found.Health);
        Assert.Contains("cosyvoice_3_plus", found.Text, StringComparison.Ordinal);
        Assert.Contains(findings, static one => one is { Check: "engine of qwen3_tts_customvoice", Health: Health.Ok });
    }

    [Fact]
    public async Task Engines_are_not_looked_for_where_no_task_runs() => Assert.Equal(
        ("engines", Health.Skipped),
        Assert.Single(
            (await RunAsync(("Roles", "api"))).Select(static one => (one.Check, one.Health)),
            static one => one.Check.StartsWith("engine", StringComparison.Ordinal)));

    [Fact]
    public async Task A_database_that_a_newer_release_has_migrated()
    {
        await ExecuteAsync("insert into schema_migrations (version, name, sha256) select max(version) + 1, 'later', 'x' from schema_migrations");
        try
        {
            var found = Assert.Single(await RunAsync(), static one => one.Check == "migrations");
            Assert.Equal(Health.Warning, found.Health);
            Assert.Contains("go back", found.Fix, StringComparison.Ordinal);
        }
        finally
        {
            await ExecuteAsync("delete from schema_migrations where name = 'later'");
        }
    }

    [Fact]
    public async Task A_typo_in_the_settings() => AssertFault(
        await RunAsync(("Worker:Slot", "3")), "settings", "Worker:Slot is not a setting; did you mean Worker:Slots", "Correct it");

    [Fact]
    public async Task A_node_whose_clock_is_ten_minutes_ahead()
    {
        await ExecuteAsync(
            """
            insert into nodes (node_id, host, process_id, roles, version, pools, started_at, seen_at, clock)
            select gen_random_uuid(), host, 1, 'api', '1.0.0', '[]', now(), now(), now() + ahead
              from (values ('right', interval '0'), ('fast', interval '10 min')) as planted (host, ahead)
            """);
        try
        {
            AssertFault(await RunAsync(), "clocks of the nodes", "fast", "NTP");
        }
        finally
        {
            await ExecuteAsync("delete from nodes");
        }
    }

    [Theory]
    [InlineData(600, Health.Fault)]
    [InlineData(5, Health.Warning)]
    [InlineData(0.2, Health.Ok)]
    internal void Clocks_ten_minutes_apart(double seconds, Health expected)
    {
        Assert.Equal(expected, DatabaseChecks.JudgeClock(TimeSpan.FromSeconds(-seconds)).Health);
        var nodes = NodeChecks.Run([Node(Roles.Worker), Node(Roles.Api, TimeSpan.FromSeconds(seconds))], []);
        var clocks = nodes.Single(static one => one.Check == "clocks of the nodes");
        Assert.Equal(expected, clocks.Health);
        Assert.Equal(expected != Health.Ok, clocks.Fix?.Contains("NTP", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public void Two_schedulers_do_no_harm()
    {
        var findings = NodeChecks.Run([Node(Roles.Scheduler), Node(Roles.Scheduler), Node(Roles.Api), Node(Roles.Worker)], []);
        var scheduler = findings.Single(static one => one.Check == "role scheduler");
        Assert.Equal(Health.Ok, scheduler.Health);
        Assert.Contains("does no harm", scheduler.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_that_nobody_serves_and_a_role_that_nobody_has()
    {
        var findings = NodeChecks.Run([Node(Roles.Api)], [new PoolDepth("p", 7, 0, TimeSpan.FromSeconds(60))]);
        AssertFault(findings, "pool p", "7 tasks wait", "serve --roles worker");
        AssertFault(findings, "role scheduler", "No process", "serve --roles scheduler");
    }

    [Fact]
    public void A_process_that_vanished() => Assert.Contains(
        NodeChecks.Run([Node(Roles.Worker) with { IsAlive = false }], []), static one => one is { Check: "silent node", Health: Health.Warning });

    [Fact]
    public void Connections_that_run_out() => Assert.Equal(
        (Health.Warning, Health.Ok), (DatabaseChecks.JudgeConnections(97, 90, 20).Health, DatabaseChecks.JudgeConnections(97, 20, 20).Health));

    public void Dispose() => folder.Dispose();

    private static NodeView Node(Roles role, TimeSpan offset = default) => new()
    {
        NodeId = Guid.NewGuid(),
        Host = $"host-{role}",
        ProcessId = 1,
        Roles = role.ToString().ToLowerInvariant(),
        Version = "1.0.0",
        Pools = [],
        StartedAt = DateTimeOffset.UnixEpoch,
        SeenAt = DateTimeOffset.UnixEpoch,
        ClockOffset = offset,
        IsAlive = true,
    };

    private static void AssertFault(IReadOnlyList<Diagnosis> findings, string check, string text, string fix)
    {
        var found = findings.FirstOrDefault(one => one.Check == check && one.Health == Health.Fault);
        Assert.True(found is not null, string.Join('\n', findings));
        Assert.Contains(text, found.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(fix, found.Fix, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<Diagnosis>> RunAsync(params (string Key, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Data"] = folder.Path,
            ["Database:ConnectionString"] = database.ConnectionString,
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return new RunDoctor(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), []).RunAsync(Token);
    }

    private async Task<object?> ExecuteAsync(string sql, string? connectionString = null)
    {
        await using var source = NpgsqlDataSource.Create(
            (connectionString ?? database.ConnectionString) + ";Pooling=false;Options=-c default_transaction_read_only=off");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Token);
    }
}
