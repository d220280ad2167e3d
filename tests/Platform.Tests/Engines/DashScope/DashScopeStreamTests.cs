using System.Runtime.InteropServices;
using System.Text;
using Platform.Engines;
using Platform.Media;
using Platform.Tests.Engines.EspeakNg;
using Platform.Tests.Engines.LongText;
using Xunit;

namespace Platform.Tests.Engines.DashScope;

public sealed class DashScopeStreamTests : IAsyncLifetime
{
    private static readonly byte[] s_tone = MemoryMarshal.AsBytes(JoinSpeechTests.Voice(0.5, 0, 0).Samples.Span).ToArray();

    private FakeDashScope provider = null!;

    public async ValueTask InitializeAsync() => provider = await FakeDashScope.StartAsync();

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    [Fact]
    public async Task Takes_the_audio_from_the_pieces_and_asks_for_no_address()
    {
        provider.Speak = static (_, _) => Task.FromResult(JoinSpeechTests.Voice(1, 0, 0));
        provider.InsteadOfAudio = static (_, _) => throw new InvalidOperationException("Nobody should fetch it.");
        var outcome = await SpeakAsync();

        Assert.Equal(JoinSpeechTests.Voice(1, 0, 0).Samples.ToArray(), outcome.Audio!.Samples.ToArray());
        Assert.Equal("enable", provider.LastHeaders["X-DashScope-SSE"].ToString());
        Assert.NotNull(outcome.Usage.FirstAudio);
        Assert.Equal(12L, outcome.Usage.BilledCharacters);
    }

    [Theory]
    [InlineData("id: 1\nevent: result\ndata: {0}\n\nid: 2\nevent: result\ndata: {1}\n\n")]
    [InlineData("id:1\nevent : result\n:HTTP_STATUS/200\nstatus:200\ndata:{0}\n\n:heartbeat\n\nnonsense\n\ndata:{1}")]
    [InlineData("data:{0}\r\n\r\n\r\n\r\ndata:{1}\r\n\r\n")]
    [InlineData("event:keep-alive\n\ndata:{0}\n\nevent:result\nretry:5\ndata:{1}\n\n")]
    public async Task Reads_events_however_they_are_written(string stream)
    {
        await AnswerAsync(stream.Replace("{0}", Piece(s_tone), StringComparison.Ordinal).Replace("{1}", Last(), StringComparison.Ordinal));
        Assert.Equal(s_tone.Length / 2, (await SpeakAsync()).Audio!.Samples.Length);
    }

    [Fact]
    public async Task Joins_the_data_lines_of_one_event()
    {
        var piece = Piece(s_tone);
        var at = piece.IndexOf(",\"finish", StringComparison.Ordinal);
        await AnswerAsync($"event:result\ndata:{piece[..at]}\ndata:{piece[at..]}\n\ndata:{Last()}\n\n");
        Assert.Equal(s_tone.Length / 2, (await SpeakAsync()).Audio!.Samples.Length);
    }

    [Theory]
    [InlineData("data:{0}\n\n")]
    [InlineData("data:{0}\n\ndata:{0}\n\ndata:{\"output\":{\"finish")]
    [InlineData("")]
    public async Task A_stream_without_its_last_event_is_cut(string stream)
    {
        await AnswerAsync(stream.Replace("{0}", Piece(s_tone), StringComparison.Ordinal));
        var failure = await FailAsync();
        Assert.Equal((FailureKind.Broken, "cut"), (failure.Kind, failure.Code));
    }

    [Fact]
    public async Task A_connection_that_breaks_is_cut()
    {
        provider.Instead = async (_, context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.SendAsync($"data:{Piece(s_tone)}\n\n");
            context.Abort();
            return true;
        };
        // The reset may overtake what was sent before it.
        Assert.Contains((await FailAsync()).Code, new[] { "cut", "noAnswer" }, StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_never_stops_costs_bounded_memory()
    {
        var piece = $"data:{Piece(new byte[96_000])}\n\n";
        provider.Instead = async (_, context) =>
        {
            context.Response.ContentType = "text/event-stream";
            try
            {
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.SendAsync(piece);
                }
            }
            catch (Exception fault) when (fault is OperationCanceledException or IOException)
            {
                // The engine has had enough.
            }

            return true;
        };
        Assert.Equal("tooLarge", (await FailAsync()).Code);
        Assert.InRange(provider.Bodies.Count, 1, 2);
    }

    [Fact]
    public async Task Odd_bytes_and_a_header_in_the_first_piece_do_no_harm()
    {
        await AnswerAsync($"data:{Piece(s_tone[..4801])}\n\ndata:{Piece(s_tone[4801..])}\n\ndata:{Last()}\n\n");
        Assert.Equal(s_tone.Length / 2, (await SpeakAsync()).Audio!.Samples.Length);

        var file = WavEncoder.Encode(JoinSpeechTests.Voice(0.5, 0, 0)).ToArray();
        file.AsSpan(4, 4).Fill(0xFF);
        file.AsSpan(40, 4).Fill(0xFF);
        await AnswerAsync($"data:{Piece(file[..5000])}\n\ndata:{Piece(file[5000..])}\n\ndata:{Last()}\n\n");
        Assert.InRange((await SpeakAsync()).Audio!.Samples.Length, (s_tone.Length / 2) - 5, (s_tone.Length / 2) + 5);
    }

    [Fact]
    public async Task Slow_pieces_are_waited_for()
    {
        var gate = new SemaphoreSlim(0);
        provider.Instead = async (_, context) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.SendAsync($"data:{Piece(s_tone)}\n\n");
            await gate.WaitAsync(context.RequestAborted);
            await context.SendAsync($"data:{Last()}\n\n");
            return true;
        };
        var speaking = SpeakAsync();
        Assert.False(speaking.IsCompleted);
        gate.Release();
        Assert.True((await speaking).Succeeded);
    }

    [Fact]
    public async Task An_answer_without_a_stream_is_read_all_the_same()
    {
        provider.Speak = static (_, _) => Task.FromResult(JoinSpeechTests.Voice(0.5, 0, 0));
        provider.Instead = async (_, context) =>
        {
            var url = provider.KeepAudio(WavEncoder.Encode(JoinSpeechTests.Voice(0.5, 0, 0)).ToArray());
            await context.SendJsonAsync(FakeDashScope.Reply(url, "x"));
            return true;
        };
        Assert.Equal(s_tone.Length / 2, (await SpeakAsync()).Audio!.Samples.Length);
    }

    private static string Piece(byte[] bytes) => FakeDashScope.Reply(null, "x", Convert.ToBase64String(bytes), "null").ToJsonString();

    private static string Last() => FakeDashScope.Reply("http://127.0.0.1:1/never.wav", "x").ToJsonString();

    private Task AnswerAsync(string stream)
    {
        provider.Instead = async (_, context) =>
        {
            context.Response.ContentType = "text/event-stream;charset=UTF-8";
            await context.SendAsync(Encoding.UTF8.GetBytes(stream));
            return true;
        };
        return Task.CompletedTask;
    }

    private async Task<SpeechOutcome> SpeakAsync()
    {
        var outcome = await AskAsync();
        Assert.True(outcome.Succeeded, outcome.Failure?.ToString());
        return outcome;
    }

    private async Task<EngineFailure> FailAsync()
    {
        var outcome = await AskAsync();
        Assert.False(outcome.Succeeded);
        return outcome.Failure;
    }

    private Task<SpeechOutcome> AskAsync() => provider.Engine(options: options => (options.Stream, options.MaxBytes) = (true, 2_000_000)).SpeakAsync(
        Requests.Of("Hello there.", "cherry") with { Model = "alibaba:qwen@3-tts-flash" }, TestContext.Current.CancellationToken);
}
