using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Platform.Tests.Engines.DashScope;

/// <summary>The provider's list of voices, in the two shapes of its documents.</summary>
internal sealed class FakeVoices
{
    private readonly List<(string Name, string Target, string List)> voices = [];

    /// <summary>Every order that came.</summary>
    public List<JsonObject> Orders { get; } = [];

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (voices)
            {
                return [.. voices.Select(voice => voice.Name)];
            }
        }
    }

    public Task AnswerAsync(JsonObject body, HttpContext context)
    {
        lock (voices)
        {
            Orders.Add(body);
            var (list, input) = ((string)body["model"]!, body["input"]!.AsObject());
            var shelf = list == "voice-enrollment" ? "cosy" : "qwen";
            JsonObject? output = (string)input["action"]! switch
            {
                "create" => new JsonObject { ["voice"] = Add(shelf, $"qwen-tts-vc-{input["preferred_name"]}-voice-1", input) },
                "create_voice" => new JsonObject { ["voice_id"] = Add(shelf, $"cosyvoice-v3-{input["prefix"]}-1", input) },
                "list" => Page(shelf, "voice", input),
                "list_voice" => Page(shelf, "voice_id", input),
                "delete" => Remove((string)input["voice"]!),
                "delete_voice" => Remove((string)input["voice_id"]!),
                _ => null,
            };
            return output is null
                ? FakeDashScope.RefuseAsync(context, 400, "InvalidParameter")
                : context.SendJsonAsync(new JsonObject
                {
                    ["output"] = output, ["request_id"] = "req-voice", ["usage"] = new JsonObject { ["count"] = 1 },
                });
        }
    }

    private string Add(string shelf, string name, JsonObject input)
    {
        voices.Add((name, (string)input["target_model"]!, shelf));
        return name;
    }

    private JsonObject? Remove(string name) => voices.RemoveAll(voice => voice.Name == name) > 0 ? [] : null;

    private JsonObject Page(string shelf, string member, JsonObject input)
    {
        var (size, index) = ((int)input["page_size"]!, (int)input["page_index"]!);
        var page = voices.Where(voice => voice.List == shelf).Skip(size * index).Take(size)
            .Select(voice => (JsonNode)new JsonObject { [member] = voice.Name, ["target_model"] = voice.Target });
        return new JsonObject { ["voice_list"] = new JsonArray([.. page]), ["total_count"] = voices.Count };
    }
}
