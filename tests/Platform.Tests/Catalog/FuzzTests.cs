using System.Diagnostics;
using System.Text;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>
/// Damaged bodies by the hundred thousand, for as many seconds as <c>PLATFORM_FUZZ_SECONDS</c> says (15), from the seed in
/// <c>PLATFORM_FUZZ_SEED</c> (1). A failure names seed and round, by which it comes again.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly byte[][] s_scraps =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "-0", "1e999", "0.97", "\"\\ud800\"", "\\u0000", "{\"a\":1,\"a\":2}",
            "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "\"speech\":", "\"model\":\"alibaba:qwen@3-tts-1.7b-base\"", "\"ttl\":60,", "/* */", "\uFEFF", "😀",
            "\"uploadEndpoint\":\"https://example.com/\",", "\"inputs\":{\"audio\":\"UklGRg==\"},", "{}", "[]", " ", "\n",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x00], [0xF4, 0x90, 0x80, 0x80],
    ];

    private readonly byte[][] _bodies =
    [
        .. SampleTask.Catalog.Models
            .SelectMany(model => SchemaFiles.Embedded().Object(SchemaExamplesTests.PathOf(model.Air))["examples"]!)
            .Select(example => Encoding.UTF8.GetBytes($"[{example}]")),
        Encoding.UTF8.GetBytes($"[{SampleTask.Text()},{SampleTask.BaseText()}]"),
        Encoding.UTF8.GetBytes(SampleTask.Text("\"audioSettings\":{\"sampleRate\":8000,\"channels\":1}")),
    ];

    [Fact]
    public void No_damage_makes_the_reader_or_the_catalog_throw_or_contradict_itself()
    {
        var length = TimeSpan.FromSeconds(Number("PLATFORM_FUZZ_SECONDS", 15));
        var seed = Number("PLATFORM_FUZZ_SEED", 1);
        var (rounds, read, accepted) = (0, 0, 0);
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < length; rounds++)
        {
            var random = new Random(unchecked((seed * 1_000_003) + rounds));
            var body = Damage(_bodies[random.Next(_bodies.Length)], random);
            try
            {
                var parsed = StrictJson.Parse(body, maxTasks: 50);
                read += parsed.Succeeded ? 1 : 0;
                accepted += Judge(parsed, body);
            }
            catch (Exception fault)
            {
                Assert.Fail($"seed {seed}, round {rounds}: {fault}\n{Convert.ToBase64String(body)}");
            }
        }

        output.WriteLine($"{rounds:N0} bodies, {read:N0} of them JSON, {accepted:N0} tasks accepted");
        Assert.True(read > rounds / 100 && read < rounds && accepted > 0, $"{rounds} bodies, {read} of them JSON, {accepted} tasks accepted");
    }

    /// <summary>What holds of any answer; gives the number of tasks that were accepted.</summary>
    private static int Judge(ParsedBody parsed, byte[] body)
    {
        if (!parsed.Succeeded)
        {
            Assert.True(parsed.Error.Code is "invalidJson" or "arrayTooLong" or "payloadTooLarge", parsed.Error.Code);
            Assert.NotEmpty(parsed.Error.Message);
            return 0;
        }

        var accepted = 0;
        Assert.InRange(parsed.Tasks.Count, 1, 50);
        foreach (var task in parsed.Tasks)
        {
            // The bytes that are kept must say the same as the tree that was judged.
            Assert.True(body.AsSpan().IndexOf(task.Original.Span) >= 0);
            var again = StrictJson.Parse(task.Original, maxTasks: 1);
            Assert.True(again.Succeeded && JToken.DeepEquals(task.Json, again.Tasks[0].Json));

            var outcome = SampleTask.Catalog.Check(task.Json);
            if (!outcome.IsAccepted)
            {
                Assert.InRange(outcome.Errors.Count, 1, Model.MaxErrors);
                Assert.All(outcome.Errors, error => Assert.False(string.IsNullOrEmpty(error.Message)));
                continue;
            }

            accepted++;
            Assert.Equal(outcome.Spec, SampleTask.Catalog.Interpret(task.Original));
        }

        return accepted;
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        var body = new List<byte>(whole);
        for (var hits = random.Next(1, 5); hits > 0; hits--)
        {
            var at = random.Next(body.Count);
            var count = Math.Min(random.Next(1, 40), body.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    body[at] = (byte)random.Next(256);
                    break;
                case 1:
                    body[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2 when count < body.Count:
                    body.RemoveRange(at, count);
                    break;
                case 3:
                    body.InsertRange(random.Next(body.Count), body.GetRange(at, count));
                    break;
                case 4 when random.Next(8) == 0 && at > 0:
                    body.RemoveRange(at, body.Count - at);
                    break;
                default:
                    body.InsertRange(at, s_scraps[random.Next(s_scraps.Length)]);
                    break;
            }
        }

        return [.. body];
    }

    private static int Number(string variable, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var number) ? number : usual;
}
