using System.Text.Json;
using Npgsql;
using Platform.Persistence;

namespace Platform.Delivery.Webhooks;

/// <summary>A webhook as its owner and operators see it.</summary>
internal sealed record WebhookView
{
    public required Guid WebhookId { get; init; }

    /// <summary>As the receiver gets it in the header.</summary>
    public string MessageId => SignedMessage.IdOf(WebhookId);

    public required Guid TaskUUID { get; init; }

    /// <summary>None where it tells of an error.</summary>
    public Guid? AudioUUID { get; init; }

    public required string Url { get; init; }

    /// <summary><c>due</c>, <c>leased</c>, <c>waiting</c>, <c>delivered</c> or <c>dead</c>.</summary>
    public required string State { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Of one that waits for its next attempt.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required IReadOnlyList<WebhookAttempt> Attempts { get; init; }
}

/// <summary>One attempt of its history.</summary>
/// <param name="Answer">The first kilobyte of the answer's body, as text.</param>
internal sealed record WebhookAttempt(int Attempt, DateTimeOffset At, int DurationMs, int? Status, string? Error, string? Answer);

/// <summary>Reads webhooks with their histories, newest first.</summary>
internal sealed class ListWebhooks(Database database)
{
    public static readonly IReadOnlyList<string> States = ["due", "leased", "waiting", "delivered", "dead"];

    private static readonly WebhookPlace End = new(DateTimeOffset.MaxValue.AddDays(-1), Guid.Empty);
    private static readonly string Any = SqlText.Load("webhook-list");

    // Written out, so that the few dead ones among many are found by their own index.
    private static readonly string Dead = Any.Replace("($2::text is null or w.state = $2)", "$2 = 'dead' and w.state = 'dead'", StringComparison.Ordinal);

    private static readonly JsonSerializerOptions Camel = new(JsonSerializerDefaults.Web);

    public async Task<IReadOnlyList<WebhookView>> ForTenantAsync(
        Guid tenantId, string? state, WebhookPlace? after, int count, CancellationToken cancellation)
    {
        var place = after ?? End;
        await using var command = database.Looks.CreateCommand(state == "dead" ? Dead : Any);
        command.Add(tenantId);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)state ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        command.Add(place.CreatedAt.ToUniversalTime());
        command.Add(place.WebhookId);
        command.Add(count);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var views = new List<WebhookView>();
        while (await row.ReadAsync(cancellation))
        {
            views.Add(Read(row));
        }

        return views;
    }

    private static WebhookView Read(NpgsqlDataReader row)
    {
        var state = row.GetString(4);
        return new WebhookView
        {
            WebhookId = row.GetGuid(0),
            TaskUUID = row.GetGuid(1),
            AudioUUID = row.IsDBNull(2) ? null : row.GetGuid(2),
            Url = row.GetString(3),
            State = state,
            CreatedAt = row.GetFieldValue<DateTimeOffset>(6),
            NextAttemptAt = state == "waiting" ? row.GetFieldValue<DateTimeOffset>(7) : null,
            FinishedAt = row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8),
            Attempts = row.IsDBNull(9) ? [] : [.. JsonSerializer.Deserialize<WebhookAttempt[]>(row.GetString(9), Camel)!.Select(ReadAnswer)],
        };
    }

    private static WebhookAttempt ReadAnswer(WebhookAttempt stored) =>
        stored with { Answer = stored.Answer is { } answer ? AttemptOutcome.TextOf(Convert.FromBase64String(answer)) : null };
}
