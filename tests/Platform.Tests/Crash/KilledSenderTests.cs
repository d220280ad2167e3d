using System.Collections.Concurrent;
using Npgsql;
using Platform.Tests.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Platform.Tests.Scenarios;
using Xunit;

namespace Platform.Tests.Crash;

/// <summary>The process that sends webhooks is killed again and again under load: each webhook arrives, and always under its own id.</summary>
public sealed class KilledSenderTests(TestPostgres postgres, TestRabbit rabbit)
{
    private const int Webhooks = 3000;
    private const int Kills = 5;

    [Fact]
    public async Task Every_webhook_arrives_under_one_id_and_none_is_marked_delivered_that_was_not()
    {
        var cluster = new Cluster(await postgres.CreateDatabaseAsync(), await rabbit.GetUriAsync());
        using var folder = cluster.Folder;
        await using var source = NpgsqlDataSource.Create(cluster.ConnectionString);
        var arrived = new ConcurrentDictionary<string, ConcurrentBag<string>>(StringComparer.Ordinal);
        var accepted = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await using var receiver = await HookReceiver.StartAsync(async (http, heard) =>
        {
            arrived.GetOrAdd(heard.Text, static _ => []).Add(heard.Id);

            // Of the first attempts a third fail, and all take a moment, so that a kill meets attempts in every state. Later ones succeed:
            // an unlucky webhook would come to the waits of minutes.
            await Task.Delay(Random.Shared.Next(15), TestContext.Current.CancellationToken);
            if (arrived[heard.Text].Count < 4 && Random.Shared.Next(3) == 0)
            {
                http.Response.StatusCode = 500;
            }
            else
            {
                accepted[heard.Id] = true;
            }
        });
        var customer = await NewTenant.RegisterAsync(cluster.ConnectionString, cluster.Address, usd: 0);
        await InsertAsync(source, customer.TenantId, receiver.Address);

        for (var kill = 0; kill < Kills; kill++)
        {
            await using var sender = await cluster.StartAsync("scheduler", Eager);
            var before = receiver.All.Count;
            var stopAt = before + 100 + Random.Shared.Next(400);
            await receiver.HeardAsync(stopAt);
            Assert.Equal(137, await sender.KillAsync());
            Assert.All(await DeliveredAsync(source), id => Assert.True(accepted.ContainsKey(id), $"{id} was marked delivered and never was."));
        }

        await using var last = await cluster.StartAsync("scheduler", Eager);
        await Until.TrueAsync(async () => await CountAsync(source, "state <> 'delivered'") == 0, seconds: 90);

        Assert.Equal(Webhooks, arrived.Count);
        Assert.All(arrived.Values, ids => Assert.Single(ids.Distinct(StringComparer.Ordinal)));
        Assert.Equal(Webhooks, accepted.Count);
        Assert.True(receiver.All.Count > Webhooks, "Kills and failures must have led to further attempts.");
        Assert.Equal(0, await CountAsync(
            source, "not exists (select from webhook_attempts a where a.webhook_id = w.webhook_id and a.status = 200)"));
    }

    // A dead sender's lease is waited for: here it is short.
    private static (string Name, string Value)[] Eager { get; } =
        [("PLATFORM_WEBHOOKS__LEASESECONDS", "3"), ("PLATFORM_WEBHOOKS__TIMEOUTSECONDS", "1"), ("PLATFORM_WEBHOOKS__SWEEPSECONDS", "0.3")];

    private static async Task InsertAsync(NpgsqlDataSource source, Guid tenantId, Uri receiver)
    {
        await using var command = source.CreateCommand(
            """
            with made as (select gen_random_uuid() as id from generate_series(1, $3)),
            results as (
                insert into task_results (task_id, result_index, audio_uuid, cost, size, finished_at, expires_at, blob_key, output_type, item)
                select id, 0, id, 100, 1, now(), now() + interval '1 d', 'none', 'Url', convert_to('{"audioUUID":"' || id || '"}', 'UTF8') from made
            )
            insert into webhooks (tenant_id, task_id, task_uuid, result_index, url) select $1, id, id, 0, $2 || 'hook' from made
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = tenantId });
        command.Parameters.Add(new NpgsqlParameter { Value = receiver.ToString() });
        command.Parameters.Add(new NpgsqlParameter { Value = Webhooks });
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<List<string>> DeliveredAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select 'msg_' || replace(webhook_id::text, '-', '') from webhooks where state = 'delivered'");
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var ids = new List<string>();
        while (await row.ReadAsync(TestContext.Current.CancellationToken))
        {
            ids.Add(row.GetString(0));
        }

        return ids;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string condition)
    {
        await using var command = source.CreateCommand($"select count(*) from webhooks w where {condition}");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
