using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using Platform.Catalog;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>Properties that hold for any task, tried on seeded random damage to valid ones.</summary>
public sealed class MutationTests
{
    private const int Rounds = 20_000;

    private static readonly string[] s_values =
    [
        "null", "true", "false", "0", "1", "-1", "2", "3", "60", "128", "320", "8000", "24000", "44100", "48000",
        "0.97", "1.005", "4", "4.01",
        "1e400", "-1e400", "99999999999999999999999999999999999999", "9223372036854775807", "7.9e28", "\"\"", "\"auto\"",
        "\"MP3\"", "\"ogg\"",
        "\"WAV\"", "\"URL\"", "\"dataURI\"", "\"async\"", "\"\\u0000\"", "\"😀\"", "\"1\"", "[]", "{}", "[1,[2]]", "{\"text\":\"x\"}",
        "{\"bitrate\":64}", "{\"sampleRate\":8000,\"channels\":1}", "{\"maxNewTokens\":5}",
    ];

    private static readonly string[] s_names =
    [
        "taskType", "taskUUID", "model", "outputType", "outputFormat", "audioSettings", "sampleRate", "bitrate", "channels",
        "deliveryMethod",
        "ttl", "includeCost", "numberResults", "positivePrompt", "speech", "text", "voice", "language", "speed", "settings", "maxNewTokens",
        "unknown", "speech.text", "", "[0]", "a.b['c']",
    ];

    [Fact]
    public void Every_task_is_either_accepted_and_bound_or_refused_with_errors()
    {
        var accepted = 0;
        foreach (var task in Mutants(seed: 1))
        {
            var outcome = SampleTask.Model.Check(task);
            if (outcome.IsAccepted)
            {
                accepted++;
                AssertInTables(outcome.Spec);
                continue;
            }

            Assert.InRange(outcome.Errors.Count, 1, Model.MaxErrors);
            Assert.All(outcome.Errors, error => Assert.False(string.IsNullOrEmpty(error.Message) || error.Parameter is null));
            Assert.Equal(outcome.Errors.Count, outcome.Errors.Select(error => (error.Code, error.Parameter)).Distinct().Count());
            Assert.Equal(Show(outcome), Show(SampleTask.Model.Check(task)));
        }

        // Both kinds must have been met, or the test showed nothing.
        Assert.InRange(accepted, Rounds / 50, Rounds - (Rounds / 50));
    }

    [Fact]
    public async Task A_quick_yes_never_contradicts_the_full_validation()
    {
        var compiled = await JsonSchema.FromJsonAsync(SampleTask.Model.SchemaText, TestContext.Current.CancellationToken);
        var walk = new SchemaWalk(compiled, SampleTask.Model.Root);
        var quick = 0;
        var valid = 0;
        foreach (var task in Mutants(seed: 2))
        {
            var isValid = walk.Errors(task).Count == 0;
            var isQuick = FieldCheck.Accepts(SampleTask.Model.Root, task);
            Assert.True(isValid || !isQuick, task.ToString(Formatting.None));
            quick += isQuick ? 1 : 0;
            valid += isValid ? 1 : 0;
        }

        Assert.Equal(valid, quick);
        Assert.NotEqual(0, quick);
    }

    [Fact]
    public void The_error_list_does_not_depend_on_the_order_of_known_members()
    {
        var random = new Random(3);
        foreach (var task in Mutants(seed: 3).Take(2_000))
        {
            var members = task.Properties().Where(member => SampleTask.Model.Root.Field(member.Name) is not null).ToArray();
            var straight = new JObject(members);
            random.Shuffle(members);
            var shuffled = new JObject(members);
            Assert.Equal(Show(SampleTask.Model.Check(straight)), Show(SampleTask.Model.Check(shuffled)));
        }
    }

    private static IEnumerable<JObject> Mutants(int seed)
    {
        var random = new Random(seed);
        var examples = SchemaFiles.Embedded().Object(SchemaExamplesTests.PathOf(SampleTask.Air))["examples"]!.Cast<JObject>().ToArray();
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

    private static void AssertInTables(SpeechSpec spec)
    {
        Assert.InRange(spec.NumberResults, 1, 4);
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
