using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Tenants;

namespace Platform.Api.Admin;

/// <summary><c>/admin/v1/tenants</c>: makes, lists, shows and changes tenants, and rotates their webhook secrets.</summary>
internal sealed class TenantsEndpoint(
    RegisterTenants register, ReadTenants read, ChangeTenant change, RotateWebhookSecret rotate, AdminKey key)
{
    private const string List = "tenants";

    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapPost("/tenants", CreateAsync);
        admin.MapGet("/tenants", ListAsync);
        admin.MapGet("/tenants/{id}", ShowAsync);
        admin.MapPatch("/tenants/{id}", ChangeAsync);
        admin.MapPost("/tenants/{id}/webhook-secret/rotate", RotateAsync);
    }

    private async Task<IResult> CreateAsync(HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        if (TenantFields.ReadDraft(body, out var faults) is not { } draft)
        {
            return Problem.Result(faults);
        }

        var (tenant, secret) = await register.CreateTenantAsync(draft, key.Actor, cancellation);
        return AnswerJson.Result(
            TenantAnswer.Of(tenant, draft.CreditLimit) with { WebhookSecret = secret }, StatusCodes.Status201Created);
    }

    private async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellation)
    {
        var query = new QueryFields(request.Query);
        var (before, limit) = (query.Cursor<Guid>(List), query.Limit());
        if (query.Faults is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        var tenants = await read.ListAcrossTenantsAsync(before, limit + 1, cancellation);
        return AnswerJson.Result(Page.Of(tenants, limit, List, TenantAnswer.Of, static view => view.Tenant.TenantId.ToString()));
    }

    private async Task<IResult> ShowAsync(string id, CancellationToken cancellation) =>
        AdminIds.Tenant(id) is { } tenantId && await read.FindAsync(tenantId, cancellation) is { } found
            ? AnswerJson.Result(TenantAnswer.Of(found))
            : AdminIds.NoTenant;

    private async Task<IResult> ChangeAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        if (TenantFields.ReadChange(body, out var faults) is not { } wanted)
        {
            return Problem.Result(faults);
        }

        var outcome = AdminIds.Tenant(id) is { } tenantId
            ? await change.RunAsync(tenantId, wanted, key.Actor, cancellation)
            : ChangeOutcome.NotFound;
        return outcome switch
        {
            ChangeOutcome.Changed => await ShowAsync(id, cancellation),
            ChangeOutcome.PrepaidWithLimit => Problem.Result([new FieldFault("creditLimit", TenantFields.PrepaidMessage)]),
            ChangeOutcome.LimitInUse => Problem.Result(Problem.LimitInUse),
            ChangeOutcome.Erased => Problem.Result(Problem.TenantErased),
            _ => AdminIds.NoTenant,
        };
    }

    private async Task<IResult> RotateAsync(string id, CancellationToken cancellation) =>
        AdminIds.Tenant(id) is not { } tenantId || await rotate.RunAsync(tenantId, key.Actor, cancellation) is not { } rotation
            ? AdminIds.NoTenant
            : rotation.Secret is { } secret
                ? AnswerJson.Result(new { WebhookSecret = secret, OldSecretSignsUntil = rotation.OldSignsUntil })
                : Problem.Result(
                    Problem.TooManySecrets,
                    $"Each signs for a day after its rotation; the next one ends at {Iso8601.Write(rotation.OldSignsUntil)}.");
}

/// <summary>Ids in paths; one that is no UUID names nothing.</summary>
internal static class AdminIds
{
    public static IResult NoTenant => Problem.Result(Problem.NotFound, "There is no such tenant.");

    public static Guid? Tenant(string id) => Guid.TryParseExact(id, "D", out var parsed) ? parsed : null;
}
