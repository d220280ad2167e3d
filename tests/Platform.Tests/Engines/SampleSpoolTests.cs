using Platform.Engines;
using Platform.Media;
using Platform.Tests.Fixtures;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Engines;

public sealed class SampleSpoolTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(SampleSpool.InMemory - 1)]
    [InlineData(SampleSpool.InMemory)]
    [InlineData(SampleSpool.InMemory + 1)]
    [InlineData((3 * SampleSpool.InMemory) + 17)]
    public void Gives_back_what_came_however_long_it_is(int length)
    {
        var samples = Enumerable.Range(0, length).Select(i => (short)(i * 31)).ToArray();
        using var spool = new SampleSpool(folder.Path);
        foreach (var chunk in samples.Chunk(100_003))
        {
            spool.Append(chunk);
        }

        Assert.Equal(length, spool.Length);
        var audio = spool.ToPcm(24_000);
        using (audio.Owner)
        {
            Assert.True(audio.Samples.Span.SequenceEqual(samples));
        }

        Assert.Equal(length >= SampleSpool.InMemory, audio.Owner is not null);
    }

    [Fact]
    public void Leaves_no_file_behind_even_while_it_is_used()
    {
        using var spool = new SampleSpool(folder.Path);
        spool.Append(new short[2 * SampleSpool.InMemory]);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Twenty_minutes_cost_little_more_memory_than_one()
    {
        using var spool = new SampleSpool(folder.Path);
        var second = new short[24_000];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1200; i++)
        {
            spool.Append(second);
        }

        // 57.6 MB went through.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8_000_000);
        var audio = spool.ToPcm(24_000);
        Assert.Equal(TimeSpan.FromMinutes(20), audio.Duration);
        audio.Owner!.Dispose();
    }

    [Fact]
    public void Says_so_when_the_disk_takes_nothing()
    {
        using var spool = new SampleSpool(folder["not-there"]);
        Assert.Throws<SpoolException>(() => spool.Append(new short[SampleSpool.InMemory]));
    }

    [Theory]
    [InlineData("0.25")]
    [InlineData("0.97")]
    [InlineData("1")]
    [InlineData("4")]
    public void A_paced_voice_keeps_its_pitch_however_it_arrives(string speed)
    {
        var factor = decimal.Parse(speed);
        var tone = Tone.Of(220, 24_000, 60);
        using var spool = new PacedSpool(24_000, factor, folder.Path);
        foreach (var chunk in tone.Chunk(7919))
        {
            spool.Append(chunk);
        }

        var audio = spool.ToPcm();
        using (audio.Owner)
        {
            Assert.InRange(audio.Duration.TotalSeconds * (double)factor, 59.4, 60.6);
            Assert.Equal(220, Tone.FrequencyOf(audio.Samples.Span, audio.SampleRate), 3.0);
        }

        Assert.Equal((60.0, 8000), (spool.Duration.TotalSeconds, spool.Peak));
    }

    [Theory]
    [InlineData(16_000)]
    [InlineData(44_100)]
    public void Another_rate_becomes_24_kilohertz(int rate)
    {
        using var spool = new PacedSpool(rate, 1, folder.Path);
        spool.Append(Tone.Of(220, rate, 3));

        var audio = spool.ToPcm();

        Assert.Equal((24_000, 3.0), (audio.SampleRate, audio.Duration.TotalSeconds));
        Assert.Equal(220, Tone.FrequencyOf(audio.Samples.Span, 24_000), 3.0);
    }
}
