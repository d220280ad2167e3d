using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Delivery.Webhooks;
using Platform.Ledger;
using Platform.Tenants;

namespace Platform.Api.Admin;

/// <summary>Webhooks of tenants: listed with their attempts, sent again one by one or by a span of time, and receivers tested.</summary>
internal sealed class WebhooksEndpoint(ListWebhooks list, ReplayWebhooks replay, PingReceiver ping, ReadTenants tenants, AdminKey key)
{
    private const int LongestUrl = 2048;

    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/tenants/{id}/webhooks", ListAsync);
        admin.MapPost("/tenants/{id}/webhooks/replay", ReplaySpanAsync);
        admin.MapPost("/tenants/{id}/webhooks/ping", PingAsync);
        admin.MapPost("/webhooks/{webhookId}/replay", ReplayAsync);
    }

    private async Task<IResult> ListAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var query = WebhookQuery.Read(request.Query, out var faults);
        if (faults.Count > 0)
        {
            return Problem.Result(faults);
        }

        return await FindTenantAsync(id, cancellation) is { } tenantId
            ? AnswerJson.Result(await query.RunAsync(list, tenantId, cancellation))
            : AdminIds.NoTenant;
    }

    private async Task<IResult> ReplayAsync(string webhookId, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(webhookId, "D", out var id))
        {
            return Problem.Result(Problem.NotFound, "There is no such webhook.");
        }

        return await replay.RunAcrossTenantsAsync(id, key.Actor, cancellation) switch
        {
            Replay.Done => AnswerJson.Result(new { replayed = 1 }, StatusCodes.Status202Accepted),
            Replay.OnItsWay => Problem.Result(Problem.WebhookOnItsWay),
            _ => Problem.Result(Problem.NotFound, "There is no such webhook."),
        };
    }

    private async Task<IResult> ReplaySpanAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        var state = body.OneOf("state", isRequired: false, "dead", "delivered") ?? "dead";
        var (from, to) = (body.Instant("from"), body.Instant("to"));
        if (from > to)
        {
            body.Refuse("to", "'to' must not lie before 'from'.");
        }

        if (body.Finish() is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        if (await FindTenantAsync(id, cancellation, isToChange: true) is not { } tenantId)
        {
            return AdminIds.NoTenant;
        }

        var span = new ReplaySpan(tenantId, state, from ?? Period.All.From, to ?? Period.All.To);
        return AnswerJson.Result(new { replayed = await replay.RunForTenantAsync(span, key.Actor, cancellation) }, StatusCodes.Status202Accepted);
    }

    private async Task<IResult> PingAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        var url = body.Text("url", LongestUrl, isRequired: true);
        if (body.Finish() is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        if (await FindTenantAsync(id, cancellation, isToChange: true) is not { } tenantId)
        {
            return AdminIds.NoTenant;
        }

        var outcome = await ping.RunAsync(tenantId, url!, key.Actor, cancellation);
        return outcome.Refusal is { } refusal
            ? Problem.Result([new FieldFault("url", $"'url' {refusal.Reason}.")])
            : AnswerJson.Result(PingAnswer.Of(outcome));
    }

    /// <exception cref="TenantErasedException">Something is to be sent in the name of a tenant that is erased.</exception>
    private async Task<Guid?> FindTenantAsync(string id, CancellationToken cancellation, bool isToChange = false)
    {
        if (AdminIds.Tenant(id) is not { } tenantId || await tenants.FindAsync(tenantId, cancellation) is not { } found)
        {
            return null;
        }

        return isToChange && found.Tenant.ErasureAskedAt is not null ? throw new TenantErasedException(tenantId) : tenantId;
    }
}

/// <summary>What a test of a receiver came to.</summary>
internal sealed record PingAnswer(string MessageId, bool Delivered, int? Status, string? Error, int DurationMs, string? Answer)
{
    public static PingAnswer Of(PingOutcome outcome)
    {
        var attempt = outcome.Attempt!;
        return new PingAnswer(
            outcome.MessageId!,
            attempt.IsDelivered,
            attempt.Status,
            attempt.Error,
            (int)attempt.Duration.TotalMilliseconds,
            attempt.Answer is { } answer ? AttemptOutcome.TextOf(answer) : null);
    }
}
