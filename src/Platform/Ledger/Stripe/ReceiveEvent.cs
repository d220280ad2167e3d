using System.Text.Json;
using Platform.Persistence;

namespace Platform.Ledger.Stripe;

/// <summary>What became of a call that claims to come from Stripe.</summary>
internal enum Reception
{
    Taken,
    NotConfigured,
    Forged,
    Stale,

    /// <summary>Signed by Stripe, and no event.</summary>
    Malformed,

    /// <summary>An event of test mode at a live installation, or the reverse.</summary>
    OtherMode,
}

/// <summary>
/// Takes an event in: its signature is checked, its id written down once, and then it is applied. What cannot be applied now is tried again by the
/// sweep, so that Stripe is told "taken" as soon as the row is on disk.
/// </summary>
internal sealed partial class ReceiveEvent(
    StripeAccess stripe, ApplyEvents apply, AuditRefusals refusals, Database database, ILogger<ReceiveEvent> log)
{
    private const int LongestId = 255;

    private const string Keep =
        """
        insert into stripe_events (event_id, type, object_type, object_id, created_at) values ($1, $2, $3, $4, $5)
        on conflict (event_id) do update set deliveries = stripe_events.deliveries + 1
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    /// <summary>What is refused whatever its body says, so that nobody has to read that; null where the body decides.</summary>
    public async Task<Reception?> RefuseUnreadAsync(string signature, CancellationToken cancellation)
    {
        if (stripe.IsConfigured && EventSignature.IsWellFormed(signature))
        {
            return null;
        }

        var outcome = stripe.IsConfigured ? Reception.Forged : Reception.NotConfigured;
        await NoteAsync(outcome, cancellation);
        return outcome;
    }

    public async Task<Reception> RunAsync(ReadOnlyMemory<byte> body, string signature, CancellationToken cancellation)
    {
        var outcome = stripe.IsConfigured ? Judge(body.Span, signature) : Reception.NotConfigured;
        if (outcome == Reception.Taken)
        {
            var (incoming, isOurMode) = Parse(body);
            if (incoming is null || !isOurMode)
            {
                outcome = incoming is null ? Reception.Malformed : Reception.OtherMode;
            }
            else
            {
                await TakeAsync(incoming, cancellation);
            }
        }

        if (outcome != Reception.Taken)
        {
            await NoteAsync(outcome, cancellation);
        }

        return outcome;
    }

    private Task NoteAsync(Reception outcome, CancellationToken cancellation)
    {
        LogRefused(log, outcome);
        return refusals.NoteAsync("payments.event.refused", null, outcome.ToString(), cancellation);
    }

    private Reception Judge(ReadOnlySpan<byte> body, string signature) =>
        EventSignature.Judge(
            signature, body, stripe.Settings.WebhookSecrets,
            (stripe.Time.GetUtcNow(), TimeSpan.FromSeconds(stripe.Settings.ToleranceSeconds))) switch
        {
            SignatureVerdict.Good => Reception.Taken,
            SignatureVerdict.Stale => Reception.Stale,
            _ => Reception.Forged,
        };

    private async Task TakeAsync(Incoming incoming, CancellationToken cancellation)
    {
        await database.ChangeAsync(
            Keep, cancellation, incoming.Id, incoming.Type, incoming.ObjectType, incoming.ObjectId, incoming.CreatedAt);
        using var patience = new CancellationTokenSource(Patience, stripe.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            await apply.RunAsync(incoming.Id, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            LogLater(log, incoming.Id);
        }
    }

    // Two shapes: events with their object inside, and the thin ones of API v2, which name it.
    private (Incoming? Event, bool IsOurMode) Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            var root = document.RootElement;
            var isThin = TextOf(root, "object") == "v2.core.event";
            if (TextOf(root, "id") is not { } id || TextOf(root, "type") is not { } type || !root.TryGetProperty("livemode", out var mode))
            {
                return default;
            }

            var subject = isThin ? default : root.GetProperty("data").GetProperty("object");
            DateTimeOffset? created = isThin
                ? root.GetProperty("created").GetDateTimeOffset()
                : DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("created").GetInt64());
            var (kind, objectId) = isThin ? (null, null) : (TextOf(subject, "object"), TextOf(subject, "id"));
            // A charge stands for the payment that made it.
            if (kind == "charge")
            {
                objectId = TextOf(subject, "payment_intent");
            }

            return (new Incoming(id, type, kind, objectId, created.Value.ToUniversalTime()), mode.GetBoolean() == stripe.IsLive);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentOutOfRangeException)
        {
            return default;
        }
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 and <= LongestId } text
                ? text
                : null;

    [LoggerMessage(EventId = 4709, Level = LogLevel.Warning, Message = "A call that claims to come from Stripe was refused: {Outcome}")]
    private static partial void LogRefused(ILogger log, Reception outcome);

    [LoggerMessage(EventId = 4710, Level = LogLevel.Warning, Message = "Event {Event} takes long; the sweep goes on with it")]
    private static partial void LogLater(ILogger log, string @event);

    private sealed record Incoming(string Id, string Type, string? ObjectType, string? ObjectId, DateTimeOffset CreatedAt);
}
