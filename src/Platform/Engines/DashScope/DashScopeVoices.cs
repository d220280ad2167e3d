using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Media;

namespace Platform.Engines.DashScope;

/// <summary>
/// Voices of one's own at the provider: enrollment of Qwen (<c>qwen-voice-enrollment</c>, <c>qwen-voice-design</c>) and of CosyVoice
/// (<c>voice-enrollment</c>), which share an address and little else.
/// </summary>
internal sealed class DashScopeVoices(DashScopeClient client, string engine)
{
    private const string Path = "/api/v1/services/audio/tts/customization";
    private const string QwenClone = "qwen-voice-enrollment";
    private const string QwenDesign = "qwen-voice-design";
    private const string Cosy = "voice-enrollment";
    private const string CosyTargets = "cosyvoice-";

    /// <summary>What a designed voice says first; the provider wants a text, and nobody hears it here.</summary>
    private const string Preview = "Hello, and welcome. This is how I sound.";

    private const int PageSize = 100;
    private const int MostPages = 50;

    public async Task<MadeVoice> MakeAsync(VoiceOrder order, CancellationToken cancellation)
    {
        var model = DashScopeModels.Find(order.Model);
        var target = order.Recording is null ? model?.DesignTarget : model?.CloneTarget;
        if (model is null || target is null)
        {
            return new MadeVoice(null, EngineFailure.Of(FailureKind.Rejected, "start", "noVoices", "This model has no voices of one's own."));
        }

        var answer = await SendAsync(model.Family == DashScopeFamily.CosyVoice ? CosyOrder(order, target) : QwenOrder(order, target), cancellation);
        return answer.Failure is not null ? new MadeVoice(null, answer.Failure)
            : NameIn(answer.Body) is { } name ? new MadeVoice(new OwnVoice(name, target), null)
            : new MadeVoice(null, EngineFailure.Of(FailureKind.Broken, "read", "noVoice", $"Engine {engine} answered without a voice."));
    }

    public async Task<EngineFailure?> DeleteAsync(OwnVoice voice, CancellationToken cancellation)
    {
        var input = IsCosy(voice.TargetModel)
            ? new JsonObject { ["action"] = "delete_voice", ["voice_id"] = voice.Name }
            : new JsonObject { ["action"] = "delete", ["voice"] = voice.Name };
        var answer = await SendAsync(Ask(EnrollmentOf(voice.TargetModel), input), cancellation);

        // A voice that is not there is as good as deleted. The documents name no code of its own for it.
        return answer.Failure is { Kind: FailureKind.Rejected } ? null : answer.Failure;
    }

    public async Task<IReadOnlyList<string>?> ListAsync(string air, CancellationToken cancellation)
    {
        var names = new List<string>();
        if (DashScopeModels.Find(air) is not { CloneTarget: { } target } model)
        {
            return names;
        }

        for (var page = 0; page < MostPages; page++)
        {
            var action = model.Family == DashScopeFamily.CosyVoice ? "list_voice" : "list";
            var input = new JsonObject { ["action"] = action, ["page_size"] = PageSize, ["page_index"] = page };
            var answer = await SendAsync(Ask(EnrollmentOf(target), input), cancellation);
            if (answer.Failure is not null)
            {
                return null;
            }

            var found = NamesIn(answer.Body);
            names.AddRange(found);
            if (found.Count < PageSize)
            {
                break;
            }
        }

        return names;
    }

    private static DashScopeRequest QwenOrder(VoiceOrder order, string target)
    {
        var input = new JsonObject { ["action"] = "create", ["target_model"] = target, ["preferred_name"] = order.Label };
        if (order.Recording is { } recording)
        {
            var file = WavEncoder.Encode(recording.Audio).Span;
            input["audio"] = new JsonObject { ["data"] = $"data:audio/wav;base64,{Convert.ToBase64String(file)}" };
            SetIfAny(input, "text", recording.Transcript);
        }
        else
        {
            input["voice_prompt"] = order.Description;
            input["preview_text"] = Preview;
        }

        SetIfAny(input, "language", DashScopeRequest.LanguageCode(order.Language ?? ""));
        return Ask(order.Recording is null ? QwenDesign : QwenClone, input);
    }

    private static DashScopeRequest CosyOrder(VoiceOrder order, string target)
    {
        var input = new JsonObject { ["action"] = "create_voice", ["target_model"] = target, ["prefix"] = order.Label };
        if (order.Recording is not null)
        {
            input["url"] = order.RecordingUrl;
        }
        else
        {
            input["voice_prompt"] = order.Description;
            input["preview_text"] = Preview;
        }

        return Ask(Cosy, input);
    }

    private static DashScopeRequest Ask(string model, JsonObject input) =>
        new(Path, new JsonObject { ["model"] = model, ["input"] = input }, IsStream: false);

    private Task<DashScopeAnswer> SendAsync(DashScopeRequest request, CancellationToken cancellation) => client.SendAsync(request, cancellation);

    private static string EnrollmentOf(string target) => IsCosy(target) ? Cosy : QwenClone;

    private static bool IsCosy(string target) => target.StartsWith(CosyTargets, StringComparison.Ordinal);

    private static void SetIfAny(JsonObject input, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            input[name] = value;
        }
    }

    private static string? NameIn(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("output", out var output)
            ? DashScopeReply.TextOf(output, "voice") ?? DashScopeReply.TextOf(output, "voice_id")
            : null;

    private static List<string> NamesIn(JsonElement body) =>
        body.TryGetProperty("output", out var output) && output.ValueKind == JsonValueKind.Object
        && output.TryGetProperty("voice_list", out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(static one => DashScopeReply.TextOf(one, "voice") ?? DashScopeReply.TextOf(one, "voice_id"))
                .OfType<string>()]
            : [];
}
