using System.Diagnostics;
using System.Text;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>
/// Bodies made to hurt: each is answered in bounded time. The bounds are some twenty times what was measured on one busy core,
/// so that they fail for a wrong order of growth and not for a slow machine.
/// </summary>
public sealed class HostileBodyTests(ITestOutputHelper output)
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public void Invalid_utf8_at_the_end_of_15_megabytes()
    {
        var body = Encoding.UTF8.GetBytes(SampleTask.Text($"\"positivePrompt\":\"{new string('a', 15 * Megabyte)}!\""));
        body[Array.LastIndexOf(body, (byte)'!')] = 0xFF;
        Assert.Equal("invalidJson", Answer(body, TimeSpan.FromSeconds(2)));
    }

    [Theory]
    [InlineData("positivePrompt", "invalidPositivePrompt positivePrompt")]
    [InlineData("webhookURL", "invalidWebhookURL webhookURL")]
    [InlineData("uploadEndpoint", "invalidUploadEndpoint uploadEndpoint")]
    [InlineData("outputFormat", "invalidOutputFormat outputFormat")]
    [InlineData("taskUUIDs", "unknownParameter taskUUIDs")]
    public void A_string_of_15_megabytes(string name, string errors) => Assert.Equal(
        errors, Answer(SampleTask.Text($"\"{name}\":\"{new string('a', 15 * Megabyte)}\""), TimeSpan.FromSeconds(3)));

    [Theory]
    [InlineData("a")]
    [InlineData("😀")]
    [InlineData("\\u0041")]
    public void A_text_of_15_megabytes(string unit)
    {
        var text = string.Concat(Enumerable.Repeat(unit, 15 * Megabyte / Encoding.UTF8.GetByteCount(unit)));
        var body = SampleTask.Text().Replace("Hello there.", text, StringComparison.Ordinal);
        Assert.Equal("invalidSpeechText speech.text", Answer(body, TimeSpan.FromSeconds(3)));
    }

    [Theory]
    [InlineData("A", 14_000_004, "invalidInputsAudio inputs.audio")]
    [InlineData("AAAA", 13_981_016, "")]
    [InlineData("AAA*", 13_981_016, "invalidInputsAudio inputs.audio")]
    [InlineData("data:", 13_981_015, "invalidInputsAudio inputs.audio")]
    [InlineData("http://a/", 13_981_014, "invalidInputsAudio inputs.audio")]
    public void A_recording_of_14_megabytes(string unit, int length, string errors)
    {
        var audio = string.Concat(Enumerable.Repeat(unit, length / unit.Length));
        Assert.Equal(errors, Answer(SampleTask.BaseText(audio: audio), TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void A_name_of_15_megabytes() => Assert.Equal(
        $"unknownParameter {new string('n', 100)}",
        Answer(SampleTask.Text($"\"{new string('n', 15 * Megabyte)}\":1"), TimeSpan.FromSeconds(3)));

    [Theory]
    [InlineData(60)]
    [InlineData(5_000_000)]
    public void Deep_nesting(int depth)
    {
        Assert.Equal("invalidJson", Answer(SampleTask.Text($"\"x\":{new string('[', depth)}{new string(']', depth)}"), TimeSpan.FromSeconds(1)));
        Assert.Equal("invalidJson", Answer(string.Concat(Enumerable.Repeat("{\"a\":", depth)), TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("", "", 100)]
    [InlineData("\"settings\":{", "}", 100)]
    [InlineData("\"audioSettings\":{", "}", 100)]
    public void Ten_thousand_unknown_fields(string before, string after, int errors)
    {
        var many = string.Join(',', Enumerable.Range(0, 10_000).Select(number => $"\"field{number}\":{{}}"));
        var answer = Answer(SampleTask.Text(before + many + after), TimeSpan.FromSeconds(1));
        Assert.Equal(errors, answer.Split(", ").Length);
        Assert.StartsWith("unknownParameter ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Fifty_tasks_of_four_hundred_unknown_fields()
    {
        var many = string.Join(',', Enumerable.Range(0, 380).Select(number => $"\"f{number}\":0"));
        var body = $"[{string.Join(',', Enumerable.Repeat(SampleTask.Text(many), 50))}]";
        Assert.Equal(5_000, Answer(body, TimeSpan.FromSeconds(1)).Split(", ").Length);
    }

    [Theory]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    [InlineData("1e-999")]
    [InlineData("1e99999999999999999999999")]
    public void Numbers_beyond_every_type(string number)
    {
        Assert.Equal("invalidTtl ttl", Answer(SampleTask.Text($"\"ttl\":{number}"), TimeSpan.FromSeconds(1)));
        Assert.Equal("invalidSpeechSpeed speech.speed", Answer(SampleTask.Text("", $"\"speed\":{number}"), TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("-0", "invalidNumberResults numberResults")]
    [InlineData("-0.0", "invalidNumberResults numberResults")]
    [InlineData("1.0", "")]
    public void Zeros_with_a_sign(string number, string errors) =>
        Assert.Equal(errors, Answer(SampleTask.Text($"\"numberResults\":{number}"), TimeSpan.FromSeconds(1)));

    [Fact]
    public void A_number_of_15_million_digits() =>
        Assert.Equal("invalidTtl ttl", Answer(SampleTask.Text($"\"ttl\":{new string('9', 15_000_000)}"), TimeSpan.FromSeconds(1)));

    [Fact]
    public void Null_everywhere()
    {
        foreach (var model in SampleTask.Catalog.Models)
        {
            var members = model.Root.Fields.Where(field => field.Name != "model").Select(field => $"\"{field.Name}\":null");
            var answer = Answer($"{{\"model\":\"{model.Air}\",{string.Join(',', members)}}}", TimeSpan.FromSeconds(1));
            var expected = model.Root.Fields.Where(field => field.Name != "model").Select(field => $"{ErrorCodes.Invalid(field.Path)} {field.Path}");
            Assert.Equal(string.Join(", ", expected), answer);
        }

        Assert.Equal("missingTaskUUID taskUUID, invalidModel model", Answer("{\"model\":null}", TimeSpan.FromSeconds(1)));
        Assert.Equal("invalidJson", Answer("[null]", TimeSpan.FromSeconds(1)));
    }

    [Theory]
    [InlineData("https://example.com/", "%")]
    [InlineData("https://", "a.")]
    [InlineData("https://example.com/", "../")]
    [InlineData("https://example.com/", "ü")]
    public void An_address_made_to_be_slow(string start, string unit)
    {
        var url = start + string.Concat(Enumerable.Repeat(unit, (8_192 - start.Length) / unit.Length));
        Answer(SampleTask.Text($"\"uploadEndpoint\":\"{url}\""), TimeSpan.FromSeconds(1));
    }

    private string Answer(string body, TimeSpan within) => Answer(Encoding.UTF8.GetBytes(body), within);

    /// <summary>Reads and checks as the API does, and holds the time that it took.</summary>
    private string Answer(byte[] body, TimeSpan within)
    {
        var start = Stopwatch.GetTimestamp();
        var parsed = StrictJson.Parse(body, maxTasks: 50);
        var answer = parsed.Succeeded
            ? string.Join(", ", parsed.Tasks.Select(task => SampleTask.Codes(SampleTask.Catalog.Check(task.Json))))
            : parsed.Error.Code;
        var took = Stopwatch.GetElapsedTime(start);
        output.WriteLine($"{body.Length:N0} bytes in {took.TotalMilliseconds:N1} ms");
        Assert.True(took < within, $"{body.Length:N0} bytes took {took}");
        return answer;
    }
}
