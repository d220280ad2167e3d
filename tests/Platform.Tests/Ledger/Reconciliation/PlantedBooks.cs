using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Platform.Ledger;
using Platform.Ledger.Reconciliation;
using Platform.Tests.Tasks;

namespace Platform.Tests.Ledger.Reconciliation;

/// <summary>Puts books out of order and asks the checks about them.</summary>
internal static class PlantedBooks
{
    /// <summary>Past all triggers, as only a superuser can.</summary>
    public static async Task ChangeAsync(SpineFixture spine, string sql, params object[] values)
    {
        await using var source = NpgsqlDataSource.Create(spine.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using (var replica = new NpgsqlCommand("set session_replication_role = replica", connection))
        {
            await replica.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        if (await command.ExecuteNonQueryAsync() == 0)
        {
            throw new InvalidOperationException("Nothing was planted.");
        }
    }

    /// <summary>The report of all registered checks.</summary>
    public static async Task<ReconcileReport> ReportAsync(SpineFixture spine, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        services.AddSingleton(spine.Database);
        services.AddSingleton<KnowsPriceVersion>(static (version, _) => version is "test");
        services.AddReconciliation();
        await using var provider = services.BuildServiceProvider();
        var reconcile = new Reconcile(
            provider.GetServices<IBookCheck>(), spine.Database, TimeProvider.System, NullLogger<Reconcile>.Instance);
        return await reconcile.RunAsync(Period.All, "test", cancellation);
    }

    /// <summary>The kinds of what was found for a tenant, in order.</summary>
    public static async Task<string> FindAsync(SpineFixture spine, Guid tenant, CancellationToken cancellation)
    {
        var report = await ReportAsync(spine, cancellation);
        if (report.Checks.FirstOrDefault(check => check.Fault is not null) is { } failed)
        {
            throw new InvalidOperationException($"The check {failed.Name} could not be made: {failed.Fault}");
        }

        var found = report.Checks.SelectMany(check => check.Differences).Where(one => one.TenantId == tenant);
        return string.Join(' ', found.Select(one => one.Kind).Distinct(StringComparer.Ordinal));
    }
}
