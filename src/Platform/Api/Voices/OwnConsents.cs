using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Api.Own;
using Platform.Catalog;
using Platform.Tenants;

namespace Platform.Api.Voices;

/// <summary><c>GET</c> and <c>POST /v1/consents</c>, <c>DELETE /v1/consents/{id}</c>: whose voice a tenant may use, as it records it itself.</summary>
internal sealed class OwnConsents(OwnGate gate, OwnErrors errors, VoiceDesk desk)
{
    private const int Largest = 64 * 1024;
    private static readonly TaskError NoSubject = new(ErrorCodes.MediaNotFound, "There is no such voice or medium of yours.");
    private static readonly TaskError NoConsent = new(ErrorCodes.MediaNotFound, "There is no such consent of yours.");

    public void Map(IEndpointRouteBuilder app)
    {
        // Delegates by their types: taken for RequestDelegates, their results would be dropped.
        Func<HttpContext, Task<IResult>> show = http => gate.RunAsync(http, caller => ListAsync(caller, http));
        Func<HttpContext, Task<IResult>> record = http => gate.RunAsync(http, caller => RecordAsync(caller, http.Request));
        Func<string, HttpContext, Task<IResult>> revoke = (id, http) => gate.RunAsync(http, caller => RevokeAsync(caller, id));
        app.MapGet("/v1/consents", (Delegate)show);
        app.MapPost("/v1/consents", (Delegate)record);
        app.MapDelete("/v1/consents/{id}", (Delegate)revoke);
    }

    private async Task<IResult> ListAsync(Caller caller, HttpContext http)
    {
        var (page, faults) = await desk.ListAsync(caller.TenantId, http.Request.Query, http.RequestAborted);
        return page is null ? gate.Refuse(faults) : AnswerJson.Result(page);
    }

    private async Task<IResult> RecordAsync(Caller caller, HttpRequest request)
    {
        if (await RequestBody.ReadAsync(request, Largest) is not { } bytes || BodyFields.Parse(bytes) is not { } body)
        {
            return errors.Result([new TaskError(ErrorCodes.InvalidJson, "The body must be one JSON object of at most 64 KiB without duplicate keys.")]);
        }

        if (desk.ReadConsent(body, out var faults) is not { } draft)
        {
            return gate.Refuse(faults);
        }

        return await desk.RecordAsync(caller.TenantId, draft, VoiceDesk.ActorOf(caller)) is { } consent
            ? AnswerJson.Result(consent, StatusCodes.Status201Created)
            : errors.Result([NoSubject]);
    }

    private async Task<IResult> RevokeAsync(Caller caller, string id) =>
        Guid.TryParseExact(id, "D", out var consentId) && await desk.RevokeAsync(caller.TenantId, consentId, VoiceDesk.ActorOf(caller)) is { } consent
            ? AnswerJson.Result(consent)
            : errors.Result([NoConsent]);
}
