using Platform.Engines.Null;
using Platform.Tests.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.Null;

public sealed class NullEngineTests
{
    private readonly NullEngine engine = new();

    [Fact]
    public async Task Gives_the_same_short_tone_at_once()
    {
        var first = engine.SpeakAsync(Requests.Of("a"), TestContext.Current.CancellationToken);
        Assert.True(first.IsCompletedSuccessfully);
        var audio = (await first).Audio!;
        Assert.Equal((24_000, 1200), (audio.SampleRate, audio.Samples.Length));
        Assert.InRange(audio.Samples.ToArray().Max(), 1900, 2000);
        Assert.Same(audio, (await engine.SpeakAsync(Requests.Of("b"), TestContext.Current.CancellationToken)).Audio);
    }

    [Fact]
    public async Task Can_always_work_and_obeys_cancellation()
    {
        Assert.Equal("null", engine.Name);
        Assert.Null(await engine.FindFaultAsync(TestContext.Current.CancellationToken));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => engine.SpeakAsync(Requests.Of("a"), new CancellationToken(canceled: true)));
    }
}
