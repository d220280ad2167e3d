using Platform.Persistence;

namespace Platform.Ledger.Reconciliation;

/// <summary>The checks of our own books. What is compared with somebody else's is registered beside them.</summary>
internal static class BookChecks
{
    private static readonly (string Name, string Question)[] Statements =
    [
        ("captures", "Has each charged result exactly one capture of its cost, and each capture its result?"),
        ("holds", "Was each task's hold booked, and did as much leave it as it still lacks?"),
        ("open-tasks", "Does each open task hold what its missing results cost, and does each account count its open tasks?"),
        ("balances", "Is each balance and each held amount the sum of its entries, and is none over its limit?"),
        ("chain", "Does each entry carry on from the one before it?"),
    ];

    public static void AddReconciliation(this IServiceCollection services)
    {
        foreach (var (name, question) in Statements)
        {
            services.AddSingleton<IBookCheck>(provider => new SqlCheck(provider.GetRequiredService<Database>(), name, question));
        }

        services.AddSingleton<ReconcileMeter>();
        services.AddSingleton<Reconcile>();
        services.AddSingleton<ReadReconciliations>();
    }
}
