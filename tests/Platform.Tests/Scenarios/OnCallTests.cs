using System.Text.Json.Nodes;
using Platform.Tests.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>The person on call, with nothing but the command line.</summary>
[Collection(Stories.Name)]
public sealed class OnCallTests(TestPostgres postgres, TestRabbit rabbit)
{
    [Fact]
    public async Task Sees_who_works_and_what_waits_finds_a_task_stops_one_and_runs_another_again()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        await using var api = await cluster.StartAsync("api,scheduler", ("PLATFORM_URLS", cluster.Address.OriginalString));
        var customer = await new Operator(cluster.Address, Cluster.AdminKey).NewCustomerAsync();
        var (kept, stopped) = (Ask.ForSpeech(more: """{"deliveryMethod":"async"}"""), Ask.ForSpeech(more: """{"deliveryMethod":"async"}"""));
        await customer.SendAsync(kept);
        await customer.SendAsync(stopped);

        var pool = (await cluster.RunVerbAsync("queue", "--json"))["items"]!.AsArray().Single(static one => (string?)one!["pool"] == "qwen3_tts_customvoice")!;
        Assert.Equal((2, 0, 2), ((int)pool["waiting"]!, (int)pool["workers"]!, (int)pool["tenants"]![0]!["waiting"]!));
        Assert.InRange((double)pool["tenants"]![0]!["oldestSeconds"]!, 0.01, 600);
        var node = Assert.Single((await cluster.RunVerbAsync("workers", "--json"))["items"]!.AsArray())!;
        Assert.Equal(("api, scheduler", true, api.Id), ((string?)node["roles"], (bool)node["isAlive"]!, (int)node["processId"]!));
        await CheckDoctorAsync(cluster);

        var shown = (await cluster.RunVerbAsync("tasks", "show", "--task", Ask.UuidOf(kept), "--json"))["items"]![0]!;
        Assert.Equal(("pending", customer.TenantId.ToString(), 100), ((string?)shown["state"], (string?)shown["tenantId"], (int)shown["heldMicroUsd"]!));
        Assert.Matches("^[0-9a-f]{32}$", (string?)shown["traceId"]);
        var key = Assert.IsType<string>(customer.Key);
        var queued = (await cluster.RunVerbAsync("tasks", "list", "--key", key, "--state", "pending", "--json"))["items"]!.AsArray();
        Assert.Equal(2, queued.Count);
        Assert.All(queued, one => Assert.StartsWith((string)one!["keyPrefix"]!, key, StringComparison.Ordinal));
        Assert.Empty((await cluster.RunVerbAsync("tasks", "list", "--key", "rw_live_zzzzzz", "--json"))["items"]!.AsArray());
        Assert.Equal("Cancelled", (string?)(await cluster.RunVerbAsync("tasks", "cancel", "--task", Ask.UuidOf(stopped), "--json"))["outcome"]);
        Assert.Equal("taskCancelled", (await customer.PollAsync(Ask.UuidOf(stopped))).Code);

        await using var worker = await cluster.StartAsync("worker", ("PLATFORM_ESPEAK__KANAPROGRAM", "kakasi"));
        await customer.PollToEndAsync(Ask.UuidOf(kept));
        var listed = (await cluster.RunVerbAsync("tasks", "list", "--state", "succeeded", "--json"))["items"]!.AsArray();
        Assert.Equal(Ask.UuidOf(kept), (string?)Assert.Single(listed)!["taskUUID"]);
        await RefusesAsync(cluster, "that is final", "tasks", "retry", "--task", Ask.UuidOf(kept));
        await RefusesAsync(cluster, "There is no task", "tasks", "show", "--task", Guid.NewGuid().ToString());
        await using var reconcile = await cluster.StartVerbAsync("reconcile");
        Assert.Equal(0, await reconcile.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    [Fact]
    public async Task Sends_dead_webhooks_again()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        var isBack = false;
        await using var receiver = await HookReceiver.StartAsync((http, _) =>
        {
            http.Response.StatusCode = Volatile.Read(ref isBack) ? 200 : 410;
            return Task.CompletedTask;
        });
        await using var all = await cluster.StartAsync("api,worker,scheduler", ("PLATFORM_URLS", cluster.Address.OriginalString));
        var customer = await new Operator(cluster.Address, Cluster.AdminKey).NewCustomerAsync();
        await customer.SendAsync(Ask.ForSpeech(more: $$"""{"webhookURL":"{{receiver.Url()}}"}"""));
        await receiver.HeardAsync(1);
        var tenant = customer.TenantId.ToString();
        var dead = await Until.FoundAsync(async () =>
            (await cluster.RunVerbAsync("webhooks", "list", "--tenant", tenant, "--json"))["items"]!.AsArray() is [{ } one] ? one.AsObject() : null);

        var backlog = Assert.Single((await cluster.RunVerbAsync("webhooks", "backlog", "--json"))["items"]!.AsArray())!;
        Assert.Equal(
            (tenant, 1, 0, 410), ((string?)backlog["tenantId"], (int)backlog["dead"]!, (int)backlog["due"]!, (int)backlog["lastStatus"]!));
        Assert.Equal(new Uri(receiver.Url()).GetLeftPart(UriPartial.Authority), (string?)backlog["endpoint"]);

        Volatile.Write(ref isBack, true);
        Assert.Equal(1, (int)(await cluster.RunVerbAsync("webhooks", "replay", "--webhook", (string)dead["webhookId"]!, "--json"))["replayed"]!);

        await receiver.HeardAsync(2);
        await RefusesAsync(cluster, "name one by --webhook", "webhooks", "replay");
        await postgres.DropDatabaseAsync(cluster.ConnectionString);
    }

    [Fact]
    public async Task Brings_a_backup_back_on_another_machine_and_the_books_agree()
    {
        await Needed.PostgresAsync();
        using var folder = new TempFolder();
        await using var stage = await EmbeddedStage.StartAsync();
        var customer = await stage.NewCustomerAsync();
        var item = Assert.Single(await customer.SpeakAsync(Ask.ForSpeech("Keep this.")));
        var sound = await customer.DownloadAsync(item);
        var data = Path.GetDirectoryName(stage.MediaFolder)!;

        var made = await RunAsync(0, "backup", "--to", folder["backup"], "--data", data, "--json");
        Assert.True((int)made["files"]! >= 1);
        await RunAsync(0, "restore", "--from", folder["backup"], "--data", folder["elsewhere"], "--json");
        await using (var reconcile = await ServerProcess.StartAsync(["reconcile", "--data", folder["elsewhere"]]))
        {
            Assert.Equal(0, await reconcile.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        }

        var typo = await RefuseAsync("backup", "--to", folder["nothing"], "--data", folder["typo"]);
        Assert.Contains($"There is no database in {folder["typo"]}", typo, StringComparison.Ordinal);
        var lost = await RefuseAsync("restore", "--from", folder["lost"], "--data", folder["typo"]);
        Assert.Contains("holds no whole backup", lost, StringComparison.Ordinal);
        Assert.Contains("There is no database", await RefuseAsync("demo", "--data", folder["typo"]), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["typo"]) || Directory.Exists(folder["nothing"]));
        Assert.Contains("has tenants in it", await RefuseAsync("restore", "--from", folder["backup"], "--data", folder["elsewhere"]), StringComparison.Ordinal);
        Assert.Contains("is not empty", await RefuseAsync("backup", "--to", folder["backup"], "--data", data), StringComparison.Ordinal);

        var address = new Uri($"http://127.0.0.1:{FreePort.One()}");
        await using var restored = await Running.StartAsync(["--data", folder["elsewhere"], "--urls", address.OriginalString], Running.FastSweeps);
        var there = customer.At(address);
        using var again = await there.GetAsync(new Uri((string)item["audioURL"]!).PathAndQuery);
        Assert.Equal(sound, await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Single(await there.SpeakAsync(Ask.ForSpeech("And this is new.")));
        Assert.Equal(0, await restored.StopAsync());
    }

    private static async Task CheckDoctorAsync(Cluster cluster)
    {
        await using var doctor = await cluster.StartVerbAsync("doctor");
        Assert.Equal(1, await doctor.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await doctor.WaitForLineAsync(static line => line.StartsWith("fault    pool qwen3_tts_customvoice: 2 tasks wait", StringComparison.Ordinal));
        await doctor.WaitForLineAsync(static line => line.Contains("-> Start one: serve --roles worker", StringComparison.Ordinal));
    }

    private static async Task RefusesAsync(Cluster cluster, string sentence, params string[] arguments)
    {
        await using var verb = await cluster.StartVerbAsync(arguments);
        Assert.Equal(1, await verb.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        await verb.WaitForLineAsync(line => line.Contains(sentence, StringComparison.Ordinal));
    }

    private static async Task<JsonNode> RunAsync(int code, params string[] arguments)
    {
        await using var verb = await ServerProcess.StartAsync(arguments);
        var line = await verb.WaitForLineAsync(static line => line.StartsWith('{'));
        Assert.Equal(code, await verb.Exit);
        return JsonNode.Parse(line)!;
    }

    private static async Task<string> RefuseAsync(params string[] arguments)
    {
        await using var verb = await ServerProcess.StartAsync(arguments);
        Assert.Equal(1, await verb.Exit.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        return await verb.WaitForLineAsync(static line => line.StartsWith("error:", StringComparison.Ordinal));
    }
}
