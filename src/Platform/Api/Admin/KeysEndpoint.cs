using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Platform.Api.Lists;
using Platform.Tenants;

namespace Platform.Api.Admin;

/// <summary>Keys of tenants: made once and shown once, listed by their prefix, revoked for good.</summary>
internal sealed class KeysEndpoint(
    RegisterTenants register, ReadTenants read, RevokeKey revoke, AdminKey key, IOptions<TenantsOptions> options)
{
    private const string List = "keys";
    private const int LongestName = 200;

    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapPost("/tenants/{id}/keys", CreateAsync);
        admin.MapGet("/tenants/{id}/keys", ListAsync);
        admin.MapDelete("/keys/{keyId}", RevokeAsync);
    }

    private async Task<IResult> CreateAsync(string id, HttpRequest request, TimeProvider time, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        var (name, expiresAt) = (body.Text("name", LongestName), body.Instant("expiresAt"));
        if (expiresAt <= time.GetUtcNow())
        {
            body.Refuse("expiresAt", "'expiresAt' must lie in the future.");
        }

        if (body.Finish() is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        if (AdminIds.Tenant(id) is not { } tenantId || await read.FindAsync(tenantId, cancellation) is null)
        {
            return AdminIds.NoTenant;
        }

        var draft = new KeyDraft(tenantId, options.Value.KeyEnvironment, name, expiresAt);
        var (made, text) = await register.CreateKeyAsync(draft, key.Actor, cancellation);
        return AnswerJson.Result(KeyAnswer.Of(made) with { Key = text }, StatusCodes.Status201Created);
    }

    private async Task<IResult> ListAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var query = new QueryFields(request.Query);
        var (before, limit) = (query.Cursor<Guid>(List), query.Limit());
        if (query.Faults is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        if (AdminIds.Tenant(id) is not { } tenantId || await read.FindAsync(tenantId, cancellation) is null)
        {
            return AdminIds.NoTenant;
        }

        var keys = await read.ListKeysForTenantAsync(tenantId, before, limit + 1, cancellation);
        return AnswerJson.Result(Page.Of(keys, limit, List, KeyAnswer.Of, static one => one.KeyId.ToString()));
    }

    private async Task<IResult> RevokeAsync(string keyId, CancellationToken cancellation) =>
        Guid.TryParseExact(keyId, "D", out var id) && await revoke.RunAsync(id, key.Actor, cancellation) is not null
            ? Results.NoContent()
            : Problem.Result(Problem.NotFound, "There is no such key.");
}
