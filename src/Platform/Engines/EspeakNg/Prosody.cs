namespace Platform.Engines.EspeakNg;

/// <summary>
/// How one seed speaks one voice: a little higher or lower, slower or faster, flatter or livelier, but the same person.
/// </summary>
/// <param name="Pitch">espeak-ng's 0 to 99.</param>
/// <param name="Range">espeak-ng's 0 to 99.</param>
/// <param name="WordsPerMinute">The pace at speed 1.</param>
internal sealed record Prosody(int Pitch, int Range, int WordsPerMinute)
{
    private const int PitchSteps = 9;
    private const int RangeSteps = 7;
    private const int PaceSteps = 13;

    /// <summary>
    /// The three counts share no factor, so 819 seeds in a row all differ; each multiplier moves a neighbouring seed by
    /// several steps, so that two results of one task are told apart by ear.
    /// </summary>
    public static Prosody Of(EspeakVoice voice, long seed) => new(
        voice.Pitch + Offset(seed, PitchSteps, 4),
        voice.Range + (3 * Offset(seed, RangeSteps, 3)),
        voice.WordsPerMinute + Offset(seed, PaceSteps, 5));

    private static int Offset(long seed, int steps, int multiplier)
    {
        var residue = (int)(((seed % steps) + steps) % steps);
        return (residue * multiplier % steps) - (steps / 2);
    }
}
