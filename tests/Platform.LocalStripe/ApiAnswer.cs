using System.Text.Json.Nodes;

namespace Platform.LocalStripe;

/// <summary>What is answered: a status and an object.</summary>
internal sealed record ApiAnswer(int Status, JsonObject Body)
{
    public static ApiAnswer Of(JsonObject body) => new(200, body.DeepClone().AsObject());

    public static ApiAnswer Page(string url, IEnumerable<JsonObject> items, Form form)
    {
        var limit = (int)(form.Number("limit") ?? 10);
        var after = form.Text("starting_after");
        var rest = after is null ? items.ToList() : [.. items.SkipWhile(item => (string?)item["id"] != after).Skip(1)];
        return new ApiAnswer(200, new JsonObject
        {
            ["object"] = "list",
            ["url"] = url,
            ["has_more"] = rest.Count > limit,
            ["data"] = new JsonArray([.. rest.Take(limit).Select(item => item.DeepClone())]),
        });
    }

    public static ApiAnswer Error(int status, string type, string message, string? code = null) => new(status, new JsonObject
    {
        ["error"] = new JsonObject { ["type"] = type, ["message"] = message, ["code"] = code, ["param"] = null },
    });

    public static ApiAnswer Invalid(string message, string? code = null) => Error(400, "invalid_request_error", message, code);

    public static ApiAnswer Missing(string what) => Error(404, "invalid_request_error", $"No such {what}", "resource_missing");
}
