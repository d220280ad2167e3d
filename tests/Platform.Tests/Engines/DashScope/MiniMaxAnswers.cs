using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Platform.Engines;
using Platform.Media;

namespace Platform.Tests.Engines.DashScope;

/// <summary>Where MiniMax's audio may stand behind this provider: the documents show the request and not the answer.</summary>
internal static class MiniMaxAnswers
{
    public const string HexInData = "hex in output.data.audio";
    public const string Hex = "hex in output.audio";
    public const string HexObject = "hex in output.audio.data";
    public const string Base64 = "base64 in output.audio";
    public const string Base64Object = "base64 in output.audio.data";
    public const string DataUri = "data URI in output.audio";
    public const string Url = "address in output.audio.url";
    public const string UrlText = "address in output.audio";
    public const string UrlInData = "address in output.data.audio";
    public const string Outside = "hex in data.audio";

    public static IReadOnlyList<string> All { get; } =
        [HexInData, Hex, HexObject, Base64, Base64Object, DataUri, Url, UrlText, UrlInData, Outside];

    /// <summary>Speaks like the provider, and answers in one of these layouts.</summary>
    public static Func<JsonObject, HttpContext, Task<bool>> Of(FakeDashScope provider, string layout) => async (body, context) =>
    {
        var input = body["input"]!.AsObject();
        var audio = await provider.Speak((string)input["text"]!, (string)input["voice_setting"]!["voice_id"]!);
        await context.Response.WriteAsJsonAsync(Answer(provider, layout, Encode(audio)));
        return true;
    };

    public static byte[] Encode(Pcm audio) => AudioEncoder.Encode(audio, new AudioTarget(AudioFormat.Mp3, 32_000, 1, 128)).Bytes.ToArray();

    private static JsonObject Answer(FakeDashScope provider, string layout, byte[] file)
    {
        JsonNode Hexed() => Convert.ToHexStringLower(file);
        JsonNode Based() => Convert.ToBase64String(file);
        JsonNode Kept() => provider.KeepAudio(file);
        var output = layout switch
        {
            HexInData => new JsonObject { ["data"] = new JsonObject { ["audio"] = Hexed(), ["status"] = 2 } },
            Hex => new JsonObject { ["audio"] = Hexed() },
            HexObject => new JsonObject { ["audio"] = new JsonObject { ["data"] = Hexed() } },
            Base64 => new JsonObject { ["audio"] = Based() },
            Base64Object => new JsonObject { ["audio"] = new JsonObject { ["data"] = Based(), ["url"] = "" } },
            DataUri => new JsonObject { ["audio"] = "data:audio/mpeg;base64," + Convert.ToBase64String(file) },
            Url => new JsonObject { ["audio"] = new JsonObject { ["url"] = Kept() } },
            UrlText => new JsonObject { ["audio"] = Kept() },
            UrlInData => new JsonObject { ["data"] = new JsonObject { ["audio"] = Kept() } },
            _ => null,
        };
        var answer = new JsonObject { ["request_id"] = "req-minimax", ["usage"] = new JsonObject { ["characters"] = 12 } };
        answer[output is null ? "data" : "output"] = output ?? new JsonObject { ["audio"] = Hexed() };
        return answer;
    }
}
