using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class ProsodyTests
{
    [Theory]
    [InlineData(0L)]
    [InlineData(-400L)]
    [InlineData(9_000_000_000_000L)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue - 818)]
    public void Gives_819_seeds_in_a_row_each_their_own(long first)
    {
        var voice = EspeakVoice.All[0];
        var seen = Enumerable.Range(0, 819).Select(i => Prosody.Of(voice, first + i)).ToHashSet();
        Assert.Equal(819, seen.Count);
    }

    [Fact]
    public void Stays_inside_the_voice_and_what_espeak_takes()
    {
        foreach (var voice in EspeakVoice.All)
        {
            for (var seed = 0; seed < 819; seed++)
            {
                var prosody = Prosody.Of(voice, seed);
                Assert.InRange(prosody.Pitch, Math.Max(0, voice.Pitch - 4), Math.Min(99, voice.Pitch + 4));
                Assert.InRange(prosody.Range, Math.Max(0, voice.Range - 9), Math.Min(99, voice.Range + 9));
                Assert.InRange(prosody.WordsPerMinute, voice.WordsPerMinute - 6, voice.WordsPerMinute + 6);
            }
        }
    }

    [Fact]
    public void Moves_neighbouring_seeds_far_enough_to_be_heard()
    {
        var voice = EspeakVoice.All[0];
        for (var seed = 0; seed < 819; seed++)
        {
            var (here, next) = (Prosody.Of(voice, seed), Prosody.Of(voice, seed + 1));
            Assert.True(Math.Abs(here.Pitch - next.Pitch) >= 4 && Math.Abs(here.WordsPerMinute - next.WordsPerMinute) >= 5);
        }
    }
}
