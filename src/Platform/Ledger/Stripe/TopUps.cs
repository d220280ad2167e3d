using Npgsql;
using Platform.Persistence;

namespace Platform.Ledger.Stripe;

/// <summary>One payment that a tenant began, or that was begun for it because little was left.</summary>
/// <param name="Amount">Micro-USD, in whole cents.</param>
/// <param name="State"><c>open</c>, <c>paid</c>, <c>failed</c> or <c>expired</c>.</param>
/// <param name="Url">Where it is paid; null for an automatic one.</param>
/// <param name="Payment">Stripe's id, <c>pi_…</c>, once there is one.</param>
internal sealed record TopUp(
    Guid TopUpId, Guid TenantId, bool IsAutomatic, long Amount, string? Reference, string State, string? Url, string? Payment, string? Failure,
    DateTimeOffset CreatedAt, DateTimeOffset? EndedAt)
{
    public const string Open = "open";
    public const string Paid = "paid";
    public const string Failed = "failed";
    public const string Expired = "expired";

    public bool SavesCard { get; init; }

    /// <summary>When Stripe was asked last to make the payment.</summary>
    public DateTimeOffset? TriedAt { get; init; }
}

/// <summary>The rows of top-ups.</summary>
internal sealed class TopUps(Database database)
{
    public const string Columns =
        "top_up_id, tenant_id, is_automatic, amount, reference, state, url, payment, failure, created_at, ended_at, saves_card, tried_at";

    // Counted and inserted in one statement; two at once may exceed the brake by one, which a brake may.
    private const string Begin =
        $"""
        insert into top_ups (top_up_id, tenant_id, is_automatic, amount, reference, saves_card)
        select $1, $2, false, $3, $4, $5
         where (select count(*) from top_ups where tenant_id = $2 and not is_automatic and created_at > now() - interval '1 hour') < $6
        on conflict (tenant_id, reference) where reference is not null do nothing
        returning {Columns}
        """;

    public Task<TopUp?> BeginAsync(TopUpOrder order, int mostPerHour, CancellationToken cancellation) =>
        database.FindAsync(
            Begin, Read, cancellation,
            Guid.CreateVersion7(), order.TenantId, Cents.ToMicroUsd(order.Cents), order.Reference, order.SavesCard, mostPerHour);

    public Task<TopUp?> FindAsync(Guid topUpId, CancellationToken cancellation) =>
        database.FindAsync($"select {Columns} from top_ups where top_up_id = $1", Read, cancellation, topUpId);

    public Task<TopUp?> FindForTenantAsync(Guid tenantId, string reference, CancellationToken cancellation) =>
        database.FindAsync($"select {Columns} from top_ups where tenant_id = $1 and reference = $2", Read, cancellation, tenantId, reference);

    /// <summary>Newest first, of those before the one <paramref name="before"/>.</summary>
    public Task<IReadOnlyList<TopUp>> ListForTenantAsync(Guid tenantId, Guid? before, int limit, CancellationToken cancellation) =>
        database.ListAsync(
            $"""
            select {Columns} from top_ups
             where tenant_id = $1 and ($2::uuid is null or top_up_id < $2) order by top_up_id desc limit $3
            """,
            Read, cancellation, tenantId, before, limit);

    /// <summary>Whether this customer of Stripe pays for the top-up's tenant.</summary>
    public async Task<bool> IsPayerAsync(TopUp topUp, string customer, CancellationToken cancellation) => (await database.ListAsync(
        "select from stripe_customers where tenant_id = $1 and customer = $2", static _ => true, cancellation, topUp.TenantId, customer)).Count > 0;

    public Task SetSessionAsync(Guid topUpId, string session, string? url, CancellationToken cancellation) =>
        database.ChangeAsync("update top_ups set session = $2, url = $3 where top_up_id = $1", cancellation, topUpId, session, url);

    public Task SetTriedAsync(Guid topUpId, CancellationToken cancellation) =>
        database.ChangeAsync("update top_ups set tried_at = now() where top_up_id = $1", cancellation, topUpId);

    /// <summary>Paid is paid, whatever the row said before: the money is there.</summary>
    public Task<int> SetPaidAsync(Guid topUpId, string payment, CancellationToken cancellation) =>
        database.ChangeAsync(
            """
            with paying as (
                update top_ups set state = 'paid', payment = $2, failure = null, ended_at = now() where top_up_id = $1 and state <> 'paid'
                returning tenant_id)
            update stripe_customers c set failures = 0, last_failure = null, resumes_at = null from paying p where c.tenant_id = p.tenant_id
            """,
            cancellation, topUpId, payment);

    /// <summary>False where it had ended before.</summary>
    public async Task<bool> EndAsync(Guid topUpId, string state, string failure, CancellationToken cancellation) =>
        await database.ChangeAsync(
            "update top_ups set state = $2, failure = $3, ended_at = now() where top_up_id = $1 and state = 'open'",
            cancellation, topUpId, state, failure) > 0;

    public static TopUp Read(NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetGuid(1), row.GetBoolean(2), row.GetInt64(3), row.Text(4), row.GetString(5), row.Text(6), row.Text(7), row.Text(8),
        row.GetFieldValue<DateTimeOffset>(9), row.Instant(10))
    {
        SavesCard = row.GetBoolean(11),
        TriedAt = row.Instant(12),
    };
}
