using Microsoft.AspNetCore.Routing;
using Platform.Api.Lists;
using Platform.Api.Own;
using Platform.Catalog;
using Platform.Tasks.Voices;
using Platform.Tenants;

namespace Platform.Api.Voices;

/// <summary><c>GET</c> and <c>POST /v1/voices</c>, <c>DELETE /v1/voices/{id}</c>: what a tenant can speak with, and voices of its own.</summary>
internal sealed class OwnVoices(OwnGate gate, IncomingRoom room, VoiceList list, MakeVoice make, VoiceDesk desk)
{
    // A recording of 10 MiB as a data URI, and the rest of the body.
    private const int Largest = 16 * 1024 * 1024;
    private const int LongestAudio = 14_000_000;

    private static readonly TaskError NoStore = new(
        ErrorCodes.ServiceUnavailable, "The recording cannot be stored at the moment. Nothing was made; try again.");

    private static readonly TaskError TooLarge = new(ErrorCodes.PayloadTooLarge, $"The body must have at most {Largest} bytes.");

    private static readonly TaskError Broken = new(ErrorCodes.InvalidJson, "The body could not be read to its end.");

    private static readonly TaskError Gone = new(ErrorCodes.MediaNotFound, "There is no such voice of yours.");

    public void Map(IEndpointRouteBuilder app)
    {
        // Delegates by their types: taken for RequestDelegates, their results would be dropped.
        Func<HttpContext, Task<IResult>> show = http => gate.RunAsync(http, caller => ListAsync(caller, http));
        Func<HttpContext, Task<IResult>> create = http => gate.RunAsync(http, caller => CreateAsync(caller, http));
        Func<string, HttpContext, Task<IResult>> delete = (id, http) => gate.RunAsync(http, caller => DeleteAsync(caller, id));
        app.MapGet("/v1/voices", (Delegate)show);
        app.MapPost("/v1/voices", (Delegate)create);
        app.MapDelete("/v1/voices/{id}", (Delegate)delete);
    }

    private async Task<IResult> ListAsync(Caller caller, HttpContext http)
    {
        var filter = VoiceFilter.Read(http.Request.Query, out var faults);
        return faults.Count > 0
            ? gate.Refuse(faults)
            : AnswerJson.Result(new { items = await list.RunForTenantAsync(caller.TenantId, filter, http.RequestAborted) });
    }

    private async Task<IResult> CreateAsync(Caller caller, HttpContext http)
    {
        // Until the voice is made: the recording is in memory for as long.
        var lease = room.Enter(caller.TenantId);
        try
        {
            var body = new RequestBody(http.Request, Largest);
            return await body.ReadAsync(Largest, lease) switch
            {
                BodyState.Whole => await CreateAsync(caller, body.Bytes, http),
                BodyState.NoRoom => gate.Refuse([lease.Refusal!]),
                BodyState.Broken => gate.Refuse([Broken]),
                _ => gate.Refuse([TooLarge]),
            };
        }
        finally
        {
            lease.Release();
        }
    }

    private async Task<IResult> CreateAsync(Caller caller, ReadOnlyMemory<byte> bytes, HttpContext http)
    {
        if (BodyFields.Parse(bytes) is not { } body)
        {
            return gate.Refuse([new TaskError(ErrorCodes.InvalidJson, "The body must be one JSON object without duplicate keys.")]);
        }

        var wish = ReadWish(caller, body);
        if (body.Finish() is { Count: > 0 } faults)
        {
            return gate.Refuse(faults);
        }

        var (voice, error) = await TryMakeAsync(wish, http.RequestAborted);
        return voice is null
            ? gate.Refuse([error!])
            : AnswerJson.Result(VoiceAnswer.Of(voice, isAvailable: true), StatusCodes.Status201Created);
    }

    private async Task<VoiceMade> TryMakeAsync(VoiceWish wish, CancellationToken cancellation)
    {
        try
        {
            return await make.RunAsync(wish, cancellation);
        }
        catch (IOException)
        {
            return new VoiceMade(null, NoStore);
        }
    }

    private async Task<IResult> DeleteAsync(Caller caller, string id) =>
        Guid.TryParseExact(id, "D", out var voiceId) && await desk.DeleteAsync(caller, voiceId) ? Results.NoContent() : gate.Refuse([Gone]);

    private VoiceWish ReadWish(Caller caller, BodyFields body)
    {
        var wish = new VoiceWish
        {
            TenantId = caller.TenantId,
            Actor = VoiceDesk.ActorOf(caller),
            Name = body.Text("name", VoiceFields.LongestName, isRequired: true) ?? "",
            Model = body.Text("model", VoiceFields.LongestName, isRequired: true) ?? "",
            Audio = body.Text("audio", LongestAudio),
            Transcript = body.Text("transcript", VoiceFields.LongestTranscript),
            Description = body.Text("description", VoiceFields.LongestDescription),
            Language = body.OneOf("language", isRequired: false, list.Languages),
            Consent = body.Inner("consent") is { } consent ? desk.ReadTerms(consent) : null,
        };
        if (body.Has("audio") == body.Has("description"))
        {
            body.Refuse("audio", "Either 'audio', a recording to clone, or 'description', a voice in words, is needed.");
        }

        if (body.Has("description") && (body.Has("transcript") || body.Has("consent")))
        {
            body.Refuse("description", "A designed voice is nobody's: 'transcript' and 'consent' go with 'audio'.");
        }

        return wish;
    }
}
