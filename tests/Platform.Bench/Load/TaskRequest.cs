using System.Text;
using System.Text.Json;

namespace Platform.Bench.Load;

/// <summary>
/// What the bench asks for, again and again: about 200 characters of speech with the model of issue 2, as WAV behind a link.
/// </summary>
internal static class TaskRequest
{
    private const string Model = "alibaba:qwen@3-tts-1.7b-customvoice";

    private const string Text =
        "The night train to the coast leaves from platform nine in twenty minutes. Please keep your luggage with you at all times, "
        + "and mind the gap between the carriage and the platform edge as you board.";

    public static RequestTemplate Render(string host, string key, bool isAsync)
    {
        var task = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["taskType"] = "audioInference",
            ["taskUUID"] = RequestTemplate.Placeholder,
            ["model"] = Model,
            ["deliveryMethod"] = isAsync ? "async" : "sync",
            ["outputType"] = "URL",
            ["outputFormat"] = "WAV",
            ["includeCost"] = true,
            ["speech"] = new { text = Text, voice = "vivian", language = "English" },
        };
        var body = JsonSerializer.Serialize(new[] { task });
        var head = $"POST /v1 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n";
        return new RequestTemplate(Encoding.UTF8.GetBytes(head + body));
    }
}
