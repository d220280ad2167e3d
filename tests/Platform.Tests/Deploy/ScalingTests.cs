using System.Text.Json.Nodes;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Deploy;

/// <summary>What the autoscaler asks the database.</summary>
public sealed class ScalingTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private const string Pool = "qwen3_tts_customvoice";

    [Fact]
    public async Task Counts_what_runs_and_what_may_begin_and_nothing_that_waits_for_its_tenant()
    {
        var (free, bounded) = (await spine.TenantAsync(credit: 1000), await spine.TenantAsync(credit: 1000));
        var pool = await spine.PoolAsync();
        await spine.ExecuteAsync("update tenants set max_running = 3 where tenant_id = $1", bounded);
        foreach (var query in await QueriesAsync(pool))
        {
            Assert.Equal(0L, await spine.AskAsync<long>(query));
        }

        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => spine.Accept.AcceptAsync(Sample.Task(free, pool))));
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => spine.Accept.AcceptAsync(Sample.Task(bounded, pool) with { MaxRunning = 3 })));
        foreach (var query in await QueriesAsync(pool))
        {
            Assert.Equal(2L + 3, await spine.AskAsync<long>(query));
        }

        await spine.Claim.ClaimAsync(pool, 12, TestContext.Current.CancellationToken);
        foreach (var query in await QueriesAsync(pool))
        {
            Assert.Equal(2L + 3, await spine.AskAsync<long>(query));
        }
    }

    /// <summary>The overlay's and the chart's, for a pool of this test.</summary>
    private static async Task<List<string>> QueriesAsync(string pool)
    {
        var overlay = await Manifests.KustomizeAsync("overlays/prod");
        var chart = await Manifests.HelmAsync(JsonNode.Parse(
            """
            {"workers":[{"name":"customvoice","pools":["qwen3_tts_customvoice"],"slots":4,"replicas":1,"env":{},
                         "autoscaling":{"enabled":true,"minReplicas":1,"maxReplicas":20},
                         "resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"1","memory":"1Gi"}},"gpu":{"enabled":false}}]}
            """)!);
        var queries = overlay.Documents.Concat(chart.Documents)
            .Where(static one => (string?)one["kind"] == "ScaledObject")
            .Select(static one => (string)one["spec"]!["triggers"]![0]!["metadata"]!["query"]!)
            .Where(static query => query.Contains(Pool, StringComparison.Ordinal))
            .Select(query => query.Replace(Pool, pool, StringComparison.Ordinal)).ToList();
        Assert.True(queries.Count >= 2, $"{queries.Count} queries");
        return queries;
    }
}
