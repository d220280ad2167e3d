using Platform.Engines;
using Platform.Engines.EspeakNg;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class EspeakFailureTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("espeak-").FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("cherry", "English", "unknown-voice")]
    [InlineData("Vivian", "English", "unknown-voice")]
    [InlineData("ryan+m1", "English", "unknown-voice")]
    [InlineData("ryan", "Klingon", "unknown-language")]
    [InlineData("ryan", "english", "unknown-language")]
    [InlineData("ryan", "en-us", "unknown-language")]
    public async Task Never_puts_another_in_the_place_of_an_unknown_voice_or_language(string voice, string language, string code)
    {
        var outcome = await Requests.Engine.SpeakAsync(Requests.Of("Hello.", voice, language), TestContext.Current.CancellationToken);
        Assert.Equal(("start", code, false), Facts(outcome));
    }

    [Fact]
    public async Task Reports_its_own_fault_and_none_of_a_match_where_a_voice_was_to_be_matched()
    {
        var engine = new EspeakEngine(new EspeakOptions { Program = Path.Combine(folder, "nowhere") });
        var reference = new ReferenceAudio(await Requests.SpeakAsync(Requests.Of(Requests.English)), Requests.English);
        var request = Requests.Of("Hello.", "clone") with { Reference = reference };
        Assert.Equal(("start", "not-started", true), Facts(await engine.SpeakAsync(request, TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Reports_a_missing_program() =>
        Assert.Equal(("start", "not-started", true), Facts(await SpeakWithAsync(Path.Combine(folder, "nowhere"))));

    [Theory]
    [InlineData("cat >/dev/null; exit 3", "speak", "exit", true)]
    [InlineData("exit 3", "speak", "exit", true)]
    [InlineData("cat >/dev/null; kill -9 $$", "speak", "killed", true)]
    [InlineData("cat >/dev/null; printf %044d 0", "read", "empty", false)]
    [InlineData("cat >/dev/null", "read", "empty", false)]
    [InlineData("cat >/dev/null; printf %0100d 0", "read", "not-wave", true)]
    public async Task Reports_how_the_program_failed(string script, string stage, string code, bool retryHelps) =>
        Assert.Equal((stage, code, retryHelps), Facts(await SpeakWithAsync(await ScriptAsync(script))));

    [Fact]
    public async Task Reports_a_missing_kana_reader_only_where_it_is_needed()
    {
        var engine = new EspeakEngine(new EspeakOptions { KanaProgram = Path.Combine(folder, "nowhere") });
        var japanese = await engine.SpeakAsync(Requests.Of("東京", language: "Japanese"), TestContext.Current.CancellationToken);
        Assert.Equal(("start", "kana", true), Facts(japanese));
        var chinese = await engine.SpeakAsync(Requests.Of("東京", language: "Chinese"), TestContext.Current.CancellationToken);
        Assert.True(chinese.Succeeded);
    }

    [Fact]
    public async Task Kills_and_reaps_the_program_when_cancelled()
    {
        // The program says who it is through a pipe, so that the test knows when it runs and whom to look for.
        var pipe = Path.Combine(folder, "pid");
        await Tool.RunAsync("mkfifo", [pipe]);
        var program = await ScriptAsync($"echo $$ > {pipe}; exec sleep 600");
        using var cancel = new CancellationTokenSource();
        var speaking = new EspeakEngine(new EspeakOptions { Program = program }).SpeakAsync(Requests.Of("Hello."), cancel.Token);
        var pid = (await File.ReadAllTextAsync(pipe, TestContext.Current.CancellationToken)).Trim();
        Assert.True(Directory.Exists($"/proc/{pid}"));

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => speaking);
        Assert.False(Directory.Exists($"/proc/{pid}"), "The program, or a zombie of it, is still there.");
    }

    [Fact]
    public async Task Starts_nothing_when_cancelled_before()
    {
        var mark = Path.Combine(folder, "mark");
        var program = await ScriptAsync($"touch {mark}");
        var engine = new EspeakEngine(new EspeakOptions { Program = program });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => engine.SpeakAsync(Requests.Of("Hello."), new CancellationToken(canceled: true)));
        Assert.False(File.Exists(mark));
    }

    private Task<SpeechOutcome> SpeakWithAsync(string program) =>
        new EspeakEngine(new EspeakOptions { Program = program }).SpeakAsync(Requests.Of("Hello."), TestContext.Current.CancellationToken);

    private Task<string> ScriptAsync(string body) => Scripts.WriteAsync(folder, body);

    private static (string? Stage, string? Code, bool? RetryHelps) Facts(SpeechOutcome outcome) =>
        (outcome.Failure?.Stage, outcome.Failure?.Code, outcome.Failure?.RetryHelps);
}
