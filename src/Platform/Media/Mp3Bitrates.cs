namespace Platform.Media;

/// <summary>
/// The constant bitrates that an MP3 frame header can state, by sample rate. LAME snaps to some of them by itself and
/// without a word, so the step is chosen here.
/// </summary>
internal static class Mp3Bitrates
{
    /// <summary>MPEG-1 layer III: 32,000, 44,100 and 48,000 Hz (ISO/IEC 11172-3).</summary>
    private static readonly int[] Mpeg1 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];

    /// <summary>MPEG-2 layer III: 16,000, 22,050 and 24,000 Hz (ISO/IEC 13818-3).</summary>
    private static readonly int[] Mpeg2 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

    /// <summary>MPEG-2.5: 8,000, 11,025 and 12,000 Hz; LAME and the contract stop at 64.</summary>
    private static readonly int[] Mpeg25 = [8, 16, 24, 32, 40, 48, 56, 64];

    /// <summary>The steps of a rate, ascending.</summary>
    /// <exception cref="ArgumentOutOfRangeException">MP3 has no such rate.</exception>
    public static ReadOnlySpan<int> Of(int sampleRate) => sampleRate switch
    {
        32_000 or 44_100 or 48_000 => Mpeg1,
        16_000 or 22_050 or 24_000 => Mpeg2,
        8_000 or 11_025 or 12_000 => Mpeg25,
        _ => throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "MP3 has no such sample rate."),
    };

    /// <summary>The step nearest to <paramref name="kbps"/>, the lower one on a tie.</summary>
    public static int Nearest(int sampleRate, int kbps)
    {
        var steps = Of(sampleRate);
        var nearest = steps[0];
        foreach (var step in steps)
        {
            if (Math.Abs(step - kbps) < Math.Abs(nearest - kbps))
            {
                nearest = step;
            }
        }

        return nearest;
    }
}
