using System.Text.Json.Nodes;

namespace Platform.Tests.Scenarios.Sdks;

/// <summary>What the official SDKs send for the same wish, field by field in their own order.</summary>
internal static class SdkTasks
{
    private const string Text = "Hello from an SDK.";

    /// <summary>@runware/sdk-js: the caller's fields first, then those it adds; numberResults is always there.</summary>
    public static JsonObject Js(string delivery, int results, string voice = "vivian") => new()
    {
        ["model"] = Ask.Air,
        ["speech"] = new JsonObject { ["text"] = Text, ["voice"] = voice },
        ["outputType"] = "URL",
        ["outputFormat"] = "MP3",
        ["includeCost"] = true,
        ["taskType"] = "audioInference",
        ["deliveryMethod"] = delivery,
        ["taskUUID"] = Ask.NewUuid(),
        ["numberResults"] = results,
    };

    /// <summary>@runware/sdk and runware-sdk: the type and the id first, async unless told otherwise.</summary>
    public static JsonObject Run(string delivery = "async", int results = 1, string voice = "ryan") => new()
    {
        ["taskType"] = "audioInference",
        ["taskUUID"] = Ask.NewUuid(),
        ["deliveryMethod"] = delivery,
        ["model"] = Ask.Air,
        ["speech"] = new JsonObject { ["text"] = Text, ["voice"] = voice },
        ["numberResults"] = results,
    };

    /// <summary>runware (Python): every field it knows a default for, and no ttl.</summary>
    public static JsonObject PyOld(string delivery, int results, string format = "MP3") => new()
    {
        ["taskType"] = "audioInference",
        ["taskUUID"] = Ask.NewUuid(),
        ["model"] = Ask.Air,
        ["numberResults"] = results,
        ["deliveryMethod"] = delivery,
        ["outputType"] = "URL",
        ["outputFormat"] = format,
        ["includeCost"] = true,
        ["speech"] = new JsonObject { ["text"] = Text, ["voice"] = "serena", ["language"] = "English" },
    };
}
