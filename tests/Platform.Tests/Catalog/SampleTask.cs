using System.Text;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>Tasks for the tests of this folder, written as a customer would write them.</summary>
internal static class SampleTask
{
    public const string Air = "alibaba:qwen@3-tts-1.7b-customvoice";

    public const string BaseAir = "alibaba:qwen@3-tts-1.7b-base";

    public const string Uuid = "4a9082fd-1865-4261-a0bc-c6cfe96001fc";

    public static ModelCatalog Catalog { get; } = ModelCatalog.Load(SchemaFiles.Embedded());

    public static VoiceBook Voices { get; } = VoiceBook.Load(SchemaFiles.Embedded(), Catalog);

    public static Model Model => Catalog.Find(Air)!;

    /// <summary>A minimal valid task with more members in the root, in <c>speech</c>, or both.</summary>
    public static string Text(string members = "", string speech = "") =>
        $$$"""
        {"taskType":"audioInference","taskUUID":"{{{Uuid}}}","model":"{{{Air}}}"{{{Comma(members)}}},
         "speech":{"text":"Hello there."{{{Comma(speech)}}}}}
        """;

    /// <summary>A minimal valid task of the model that clones; <paramref name="settings"/> and <paramref name="audio"/> replace what it has there.</summary>
    public static string BaseText(string members = "", string speech = "", string settings = "\"xVectorOnly\":true", string audio = Uuid) =>
        $$$"""
        {"taskType":"audioInference","taskUUID":"{{{Uuid}}}","model":"{{{BaseAir}}}"{{{Comma(members)}}},"inputs":{"audio":"{{{audio}}}"},
         "settings":{{{{settings}}}},"speech":{"text":"Hello there.","voice":"clone"{{{Comma(speech)}}}}}
        """;

    public static JObject Parse(string text)
    {
        var parsed = StrictJson.Parse(Encoding.UTF8.GetBytes(text), maxTasks: 50);
        Assert.True(parsed.Succeeded, parsed.Error?.Message);
        return Assert.Single(parsed.Tasks).Json;
    }

    public static CheckedTask Check(string members = "", string speech = "") => Model.Check(Parse(Text(members, speech)));

    public static SpeechSpec Accepted(string members = "", string speech = "")
    {
        var outcome = Check(members, speech);
        Assert.True(outcome.IsAccepted, string.Join("; ", outcome.Errors.Select(error => error.ToString())));
        Assert.Empty(outcome.Errors);
        return outcome.Spec;
    }

    /// <summary>What becomes of a task of any model.</summary>
    public static CheckedTask CheckText(string text) => Catalog.Check(Parse(text));

    public static SpeechSpec AcceptedText(string text)
    {
        var outcome = CheckText(text);
        Assert.True(outcome.IsAccepted, Codes(outcome));
        return outcome.Spec;
    }

    /// <summary>The one error that the task is refused with.</summary>
    public static TaskError Refused(string members = "", string speech = "")
    {
        var outcome = Check(members, speech);
        Assert.False(outcome.IsAccepted);
        return Assert.Single(outcome.Errors);
    }

    /// <summary>The errors of an outcome in their order, as "code parameter" each; one string compares better than a list.</summary>
    public static string Codes(CheckedTask outcome) => string.Join(", ", outcome.Errors.Select(error => $"{error.Code} {error.Parameter}"));

    private static string Comma(string members) => members.Length == 0 ? "" : "," + members;
}
