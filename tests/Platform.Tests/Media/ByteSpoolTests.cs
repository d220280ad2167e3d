using Platform.Engines;
using Platform.Media;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Media;

public sealed class ByteSpoolTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(ByteSpool.InMemory)]
    [InlineData(ByteSpool.InMemory + 1)]
    [InlineData(ByteSpool.InMemory * 2)]
    public void Gives_back_what_was_written_and_what_was_changed_at_its_beginning(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        using var spool = new ByteSpool(folder.Path, expected: 0);
        foreach (var chunk in bytes.Chunk(77_777))
        {
            spool.Write(chunk);
        }

        if (length > 4)
        {
            spool.Position = 1;
            spool.Write([1, 2, 3]);
            new byte[] { 1, 2, 3 }.CopyTo(bytes, 1);
        }

        var audio = spool.ToAudio(TimeSpan.FromSeconds(1));
        using (audio.Owner)
        {
            Assert.True(audio.Bytes.Span.SequenceEqual(bytes));
        }

        Assert.Equal(length > ByteSpool.InMemory, audio.Owner is not null);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Says_so_when_the_disk_takes_nothing()
    {
        using var spool = new ByteSpool(folder["not-there"], expected: 0);
        Assert.Throws<SpoolException>(() => spool.Write(new byte[ByteSpool.InMemory + 1]));
    }

    [Theory]
    [InlineData(44_100)]
    [InlineData(48_000)]
    [InlineData(8_000)]
    [InlineData(24_000)]
    public void Blocks_at_another_rate_are_what_the_whole_would_be(int rate)
    {
        var pcm = new Pcm(Tone.Of(440, 24_000, 7.3), 24_000);
        var joined = new List<short>();

        PcmBlocks.ForEach(pcm, rate, samples => joined.AddRange(samples));

        Assert.Equal(Resampler.Resample(pcm.Samples.Span, 24_000, rate), joined.ToArray());
    }

    [Theory]
    [InlineData("Mp3", 44_100, 2, 128)]
    [InlineData("Wav", 24_000, 1, 0)]
    [InlineData("Flac", 24_000, 1, 0)]
    public async Task Five_minutes_are_encoded_in_a_few_megabytes(string format, int rate, int channels, int kbps)
    {
        var pcm = new Pcm(Tone.Of(440, 24_000, 330), 24_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var file = AudioEncoder.Encode(pcm, new AudioTarget(Enum.Parse<AudioFormat>(format), rate, channels, kbps), folder.Path);

        // As one piece the resampled audio alone would take 29 MB, and the file 5 to 16.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 11_000_000);
        using (file.Owner)
        {
            var decoded = await DecodedAudio.OfAsync(file, Enum.Parse<AudioFormat>(format));
            Assert.Equal(330, decoded.Duration.TotalSeconds, 0.2);
        }
    }
}
