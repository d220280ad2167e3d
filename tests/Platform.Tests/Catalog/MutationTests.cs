using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using Platform.Catalog;
using Platform.Engines;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>Properties that hold for any task, tried on seeded random damage to valid ones.</summary>
public sealed class MutationTests
{
    private const int Rounds = 20_000;

    /// <summary>Long enough for every encoder to write more than a header.</summary>
    private static readonly Pcm s_clip = new(new short[2_400], 24_000);

    public static TheoryData<string> Airs { get; } = [.. SampleTask.Catalog.Models.Select(model => model.Air)];

    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "1", "-1", "2", "3", "60", "128", "320", "8000", "24000", "44100", "48000",
        "0.97", "1.005", "4", "4.01",
        "1e400", "-1e400", "99999999999999999999999999999999999999", "9223372036854775807", "7.9e28", "\"\"", "\"auto\"",
        "\"MP3\"", "\"ogg\"",
        "\"WAV\"", "\"URL\"", "\"dataURI\"", "\"async\"", "\"\\u0000\"", "\"😀\"", "\"1\"", "[]", "{}", "[1,[2]]", "{\"text\":\"x\"}",
        "{\"bitrate\":64}", "{\"sampleRate\":8000,\"channels\":1}", "{\"maxNewTokens\":5}",
        "\"clone\"", "\"https://example.com/{index}\"", "\"https://example.com/\"", "\"http://a:b@example.com\"", "\"UklGRg==\"",
        "\"data:audio/wav;base64,UklGRg==\"", "{\"audio\":\"UklGRg==\"}", "{\"xVectorOnly\":true}", "{\"transcript\":\"x\"}",
        "\"cherry\"", "\"3d2b8a60-7c41-4f9e-9b15-c08e6f2a4d71\"", "\"happy\"", "0.1", "10", "-12", "\"你好你好\"",
    ];

    private static readonly string[] s_names =
    [
        "taskType", "taskUUID", "model", "outputType", "outputFormat", "audioSettings", "sampleRate", "bitrate", "channels",
        "deliveryMethod",
        "ttl", "includeCost", "numberResults", "positivePrompt", "speech", "text", "voice", "language", "speed", "settings", "maxNewTokens",
        "inputs", "audio", "transcript", "xVectorOnly", "webhookURL", "uploadEndpoint",
        "optimizeInstructions", "emotion", "pitch", "volume",
        "unknown", "speech.text", "", "[0]", "a.b['c']",
    ];

    [Theory]
    [MemberData(nameof(Airs))]
    public void Every_task_is_either_accepted_and_can_be_encoded_or_refused_with_errors(string air)
    {
        var model = SampleTask.Catalog.Find(air)!;
        var targets = new HashSet<AudioTarget>();
        var accepted = 0;
        foreach (var task in Mutants(air, seed: 1))
        {
            var outcome = model.Check(task);
            if (outcome.IsAccepted)
            {
                accepted++;
                AssertSane(outcome.Spec, model.Root.Find("numberResults")!.Max);
                Assert.True(!targets.Add(outcome.Spec.Target) || AudioEncoder.Encode(s_clip, outcome.Spec.Target).Bytes.Length > 0);
                Assert.Equal(outcome.Spec, SampleTask.Catalog.Interpret(Encoding.UTF8.GetBytes(task.ToString(Formatting.None))));
                continue;
            }

            Assert.InRange(outcome.Errors.Count, 1, Model.MaxErrors);
            Assert.All(outcome.Errors, error => Assert.False(string.IsNullOrEmpty(error.Message) || error.Parameter is null));
            Assert.Equal(outcome.Errors.Count, outcome.Errors.Select(error => (error.Code, error.Parameter)).Distinct().Count());
            Assert.Equal(Show(outcome), Show(model.Check(task)));
        }

        // Two for the models whose examples name no audioSettings.
        Assert.True(targets.Count >= 2, $"only {targets.Count} kinds of files of {accepted} accepted tasks");

        // Both kinds must have been met, or the test showed nothing.
        Assert.InRange(accepted, Rounds / 50, Rounds - (Rounds / 50));
    }

    [Theory]
    [MemberData(nameof(Airs))]
    public async Task A_quick_yes_never_contradicts_the_full_validation(string air)
    {
        var model = SampleTask.Catalog.Find(air)!;
        var compiled = await JsonSchema.FromJsonAsync(model.SchemaText, TestContext.Current.CancellationToken);
        var walk = new SchemaWalk(compiled, model.Root);
        var quick = 0;
        var valid = 0;
        foreach (var task in Mutants(air, seed: 2))
        {
            var isValid = walk.Errors(task).Count == 0;
            var isQuick = FieldCheck.Accepts(model.Root, task);
            Assert.True(isValid || !isQuick, task.ToString(Formatting.None));
            quick += isQuick ? 1 : 0;
            valid += isValid ? 1 : 0;
        }

        Assert.Equal(valid, quick);
        Assert.NotEqual(0, quick);
    }

    [Theory]
    [MemberData(nameof(Airs))]
    public void The_error_list_does_not_depend_on_the_order_of_known_members(string air)
    {
        var model = SampleTask.Catalog.Find(air)!;
        var random = new Random(3);
        foreach (var task in Mutants(air, seed: 3).Take(2_000))
        {
            var members = task.Properties().Where(member => model.Root.Field(member.Name) is not null).ToArray();
            var straight = new JObject(members);
            random.Shuffle(members);
            var shuffled = new JObject(members);
            Assert.Equal(Show(model.Check(straight)), Show(model.Check(shuffled)));
        }
    }

    private static IEnumerable<JObject> Mutants(string air, int seed)
    {
        var random = new Random(seed);
        var examples = SchemaFiles.Embedded().Object(SchemaExamplesTests.PathOf(air))["examples"]!.Cast<JObject>().ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            var task = (JObject)examples[random.Next(examples.Length)].DeepClone();
            for (var hits = random.Next(0, 4); hits > 0; hits--)
            {
                Mutate(task, random);
            }

            yield return task;
        }
    }

    private static void Mutate(JObject task, Random random)
    {
        var objects = task.DescendantsAndSelf().OfType<JObject>().ToArray();
        var target = objects[random.Next(objects.Length)];
        var members = target.Properties().ToArray();
        if (members.Length > 0 && random.Next(3) == 0)
        {
            members[random.Next(members.Length)].Remove();
            return;
        }

        var name = members.Length > 0 && random.Next(2) == 0
            ? members[random.Next(members.Length)].Name
            : s_names[random.Next(s_names.Length)];
        var value = SampleTask.Parse($"{{\"v\":{s_values[random.Next(s_values.Length)]}}}")["v"]!;
        target.Remove(name);
        target.Add(name, value);
    }

    private static void AssertSane(SpeechSpec spec, decimal? mostResults)
    {
        Assert.InRange(spec.NumberResults, 1, (int)mostResults!);
        Assert.True(spec.WebhookUrl is null || (HttpUrl.IsOne(spec.WebhookUrl) && spec.IsAsync));
        Assert.True(spec.UploadEndpoint is null || spec.NumberResults == 1 || spec.UploadEndpoint.Contains("{index}", StringComparison.Ordinal));
        Assert.Equal(spec.Model == SampleTask.BaseAir, spec.InputAudio is not null);
        Assert.True(spec.InputAudio is null || spec.XVectorOnly || spec.Transcript is not null);
        Assert.InRange(spec.MaxNewTokens, 1, SpeechSpec.Uncapped);
        Assert.InRange(spec.Pitch, -12, 12);
        Assert.InRange(spec.Volume, 0.1m, 10);
        Assert.InRange(spec.TextLength, 1, 2000);
        Assert.InRange(spec.Ttl, TimeSpan.FromSeconds(60), TimeSpan.FromDays(365));
        var target = spec.Target;
        if (target.Format is AudioFormat.Mp3 or AudioFormat.Ogg)
        {
            var name = target.Format == AudioFormat.Mp3 ? "MP3" : "OGG";
            var row = Assert.Single(
                AudioTablesTests.Rows,
                row => (row.Data.Item1, row.Data.Item2, row.Data.Item3) == (name, target.Channels, target.SampleRate));
            Assert.InRange(target.BitrateKbps, row.Data.Item4, row.Data.Item5);
        }
    }

    private static string Show(CheckedTask outcome) => string.Join("; ", outcome.Errors);
}
