using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Api.Voices;
using Platform.Tenants;
using Platform.Tenants.Voices;

namespace Platform.Api.Admin;

/// <summary>Voices of tenants' own, consents, and the rules about both, as operators see and change them.</summary>
internal sealed class VoicesEndpoint(TenantVoices voices, VoiceRules rules, VoiceDesk desk, ReadTenants tenants, AdminKey key)
{
    public void Map(IEndpointRouteBuilder admin)
    {
        admin.MapGet("/tenants/{id}/voices", ListAsync);
        admin.MapDelete("/voices/{voiceId}", DeleteAsync);
        admin.MapGet("/tenants/{id}/consents", ConsentsAsync);
        admin.MapPost("/tenants/{id}/consents", RecordAsync);
        admin.MapDelete("/consents/{consentId}", RevokeAsync);
        admin.MapGet("/tenants/{id}/voice-rules", RulesAsync);
        admin.MapPatch("/tenants/{id}/voice-rules", ChangeRulesAsync);
    }

    private async Task<IResult> ListAsync(string id, CancellationToken cancellation)
    {
        if (await FindTenantAsync(id, cancellation) is not { } tenantId)
        {
            return AdminIds.NoTenant;
        }

        var found = await voices.ListForTenantAsync(tenantId, cancellation);
        return AnswerJson.Result(new { items = found.Select(static voice => OperatorsVoice.Of(voice)) });
    }

    private async Task<IResult> DeleteAsync(string voiceId) =>
        Guid.TryParseExact(voiceId, "D", out var id) && await voices.DeleteAsync(null, id, key.Actor, CancellationToken.None)
            ? Results.NoContent()
            : Problem.Result(Problem.NotFound, "There is no such voice.");

    private async Task<IResult> ConsentsAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        if (await FindTenantAsync(id, cancellation) is not { } tenantId)
        {
            return AdminIds.NoTenant;
        }

        var (page, faults) = await desk.ListAsync(tenantId, request.Query, cancellation);
        return page is null ? Problem.Result(faults) : AnswerJson.Result(page);
    }

    private async Task<IResult> RecordAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        if (desk.ReadConsent(body, out var faults) is not { } draft)
        {
            return Problem.Result(faults);
        }

        return await FindTenantAsync(id, cancellation) is not { } tenantId ? AdminIds.NoTenant
            : await desk.RecordAsync(tenantId, draft, key.Actor) is { } consent ? AnswerJson.Result(consent, StatusCodes.Status201Created)
            : Problem.Result(Problem.NotFound, "The tenant has no such voice or medium.");
    }

    private async Task<IResult> RevokeAsync(string consentId) =>
        Guid.TryParseExact(consentId, "D", out var id) && await desk.RevokeAsync(null, id, key.Actor) is { } consent
            ? AnswerJson.Result(consent)
            : Problem.Result(Problem.NotFound, "There is no such consent.");

    private async Task<IResult> RulesAsync(string id, CancellationToken cancellation) =>
        await FindTenantAsync(id, cancellation) is { } tenantId
            ? AnswerJson.Result(VoiceRulesAnswer.Of(await rules.FindAsync(tenantId, cancellation), await rules.ReadAsync(tenantId, cancellation)))
            : AdminIds.NoTenant;

    private async Task<IResult> ChangeRulesAsync(string id, HttpRequest request, CancellationToken cancellation)
    {
        var (body, problem) = await AdminBody.ReadAsync(request);
        if (body is null)
        {
            return problem!;
        }

        var (consent, mark) = (VoiceFields.ReadRule(body, "requireConsent"), VoiceFields.ReadRule(body, "markAudio"));
        if (body.Finish() is { Count: > 0 } faults)
        {
            return Problem.Result(faults);
        }

        void Change(VoiceRuleRow row) => (row.RequireConsent, row.MarkAudio) = (consent(row.RequireConsent), mark(row.MarkAudio));
        return AdminIds.Tenant(id) is { } tenantId && await rules.SetAsync(tenantId, Change, key.Actor, cancellation)
            ? await RulesAsync(id, cancellation)
            : AdminIds.NoTenant;
    }

    private async Task<Guid?> FindTenantAsync(string id, CancellationToken cancellation) =>
        AdminIds.Tenant(id) is { } tenantId && await tenants.FindAsync(tenantId, cancellation) is not null ? tenantId : null;
}

/// <summary>A voice of a tenant's own, with what the operator may have to look up at the provider.</summary>
internal sealed record OperatorsVoice(
    Guid VoiceId, string Name, string Model, string Kind, string Engine, string? ProviderName, string? TargetModel, DateTimeOffset CreatedAt)
{
    public static OperatorsVoice Of(TenantVoice voice) =>
        new(voice.VoiceId, voice.Name, voice.Model, voice.Kind, voice.Engine, voice.ProviderName, voice.TargetModel, voice.CreatedAt);
}
