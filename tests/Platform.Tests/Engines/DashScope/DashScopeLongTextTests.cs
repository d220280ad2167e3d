using System.Globalization;
using System.Text.RegularExpressions;
using Platform.Engines;
using Platform.Tests.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.DashScope;

/// <summary>
/// A text that is longer than the provider takes. It speaks each sentence as a tone of the sentence's own pitch, with silence around every answer,
/// so that the joined audio tells which sentences are in it, in which order, and what lies between them.
/// </summary>
public sealed partial class DashScopeLongTextTests : IAsyncLifetime
{
    private const int Rate = 24_000;
    private const int Sentences = 50;
    private const int LongestGap = Rate * 400 / 1000;

    private FakeDashScope provider = null!;

    private static string Text { get; } =
        string.Join(' ', Enumerable.Range(0, Sentences).Select(number => $"This is sentence {number:00} of fifty, all told.")) + ".";

    public async ValueTask InitializeAsync()
    {
        provider = await FakeDashScope.StartAsync();
        provider.Speak = static (text, _) => Task.FromResult(Tones(text));
    }

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_sentence_is_heard_once_in_order_and_no_seam_gapes(bool isStream)
    {
        Assert.Equal(2000, Text.Length);
        var engine = provider.Engine(options: options => options.Stream = isStream);
        var outcome = await engine.SpeakAsync(Ask(Text), TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());

        // Four calls, all within the limit that the provider holds, each beginning and ending with a sentence.
        Assert.Equal(4, provider.Bodies.Count);
        Assert.All(provider.Bodies, body => Assert.Matches("^This .*[.]$", (string)body["input"]!["text"]!));
        var heard = Runs(outcome.Audio!);
        Assert.Equal(Enumerable.Range(0, Sentences), heard.Select(run => run.Number));
        var gaps = heard.Zip(heard.Skip(1), static (one, next) => next.At - (one.At + one.Length)).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine($"longest gap {gaps.Max() * 1000 / Rate} ms, {heard.Count} sentences");
        Assert.All(gaps, gap => Assert.InRange(gap, 1, LongestGap));
        Assert.Equal((long?)Text.Length - 3, outcome.Usage.BilledCharacters);
        Assert.Equal(4, outcome.Usage.ProviderRequestId!.Split(' ').Length);
    }

    [Fact]
    public async Task A_part_that_breaks_is_asked_for_once_more_and_the_others_are_not()
    {
        var broken = 0;
        provider.Instead = async (body, context) =>
        {
            if (((string)body["input"]!["text"]!).Contains("sentence 20", StringComparison.Ordinal) && Interlocked.Increment(ref broken) == 1)
            {
                await FakeDashScope.RefuseAsync(context, 500, "InternalError.Algo");
                return true;
            }

            return false;
        };
        var outcome = await provider.Engine().SpeakAsync(Ask(Text), TestContext.Current.CancellationToken);

        Assert.Equal((true, 1, 5), (outcome.Succeeded, outcome.Usage.Retries, provider.Bodies.Count));
        Assert.Equal(Enumerable.Range(0, Sentences), Runs(outcome.Audio!).Select(run => run.Number));
    }

    [Fact]
    public async Task A_part_that_goes_on_breaking_ends_the_call_with_what_it_cost()
    {
        provider.Instead = async (body, context) =>
        {
            var isSecond = ((string)body["input"]!["text"]!).Contains("sentence 20", StringComparison.Ordinal);
            if (isSecond)
            {
                await FakeDashScope.RefuseAsync(context, 500, "InternalError.Algo");
            }

            return isSecond;
        };
        var outcome = await provider.Engine().SpeakAsync(Ask(Text), TestContext.Current.CancellationToken);

        Assert.Equal((FailureKind.Broken, "InternalError.Algo"), (outcome.Failure!.Kind, outcome.Failure.Code));
        Assert.True(outcome.Usage.BilledCharacters > 500);
    }

    [Fact]
    public async Task Parts_without_words_are_not_asked_for()
    {
        var outcome = await provider.Engine().SpeakAsync(
            Ask($"This is sentence 01 here.\n{new string('.', 590)}\n{new string('—', 590)}\nThis is sentence 02 here."),
            TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        Assert.Equal([1, 2], Runs(outcome.Audio!).Select(run => run.Number));
        Assert.All(provider.Bodies, body => Assert.Contains("sentence", (string)body["input"]!["text"]!, StringComparison.Ordinal));
    }

    private static SpeechRequest Ask(string text) => Requests.Of(text, "cherry") with { Model = "alibaba:qwen@3-tts-flash", MaxNewTokens = 100_000 };

    /// <summary>700 ms of faint noise, the tones with 150 ms between them, and 700 ms of noise again.</summary>
    private static Pcm Tones(string text)
    {
        var numbers = SentencePattern().Matches(text).Select(match => int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)).ToList();
        var (edge, tone, rest) = (Rate * 7 / 10, Rate / 5, Rate * 15 / 100);
        var samples = new short[(2 * edge) + (numbers.Count * (tone + rest))];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)(i % 3);
        }

        for (var at = 0; at < numbers.Count; at++)
        {
            for (var i = 0; i < tone; i++)
            {
                samples[edge + (at * (tone + rest)) + i] = (short)(9000 * Math.Sin(2 * Math.PI * Hertz(numbers[at]) * i / Rate));
            }
        }

        return new Pcm(samples, Rate);
    }

    private static double Hertz(int number) => 400 + (60 * number);

    /// <summary>The tones in a recording: where each begins, how long it is, and which sentence it is by the crossings of zero.</summary>
    private static List<(int At, int Length, int Number)> Runs(Pcm audio)
    {
        var samples = audio.Samples.ToArray();
        var runs = new List<(int At, int Length, int Number)>();
        var loud = Enumerable.Range(0, samples.Length).Where(i => Math.Abs((int)samples[i]) > 300).ToList();
        for (var first = 0; first < loud.Count;)
        {
            var last = first;
            while (last + 1 < loud.Count && loud[last + 1] - loud[last] < Rate / 100)
            {
                last++;
            }

            var (at, length) = (loud[first], loud[last] - loud[first] + 1);
            var crossings = Enumerable.Range(at, length - 1).Count(i => samples[i] < 0 != samples[i + 1] < 0);
            runs.Add((at, length, (int)Math.Round(((crossings * (double)Rate / 2 / length) - Hertz(0)) / 60)));
            first = last + 1;
        }

        return runs;
    }

    [GeneratedRegex(@"sentence (?<number>\d\d)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SentencePattern();
}
