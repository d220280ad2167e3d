using System.Runtime.InteropServices;

namespace Platform.Media;

/// <summary>Collects decoded frames as mono, up to a little more than may be: what is longer is not worth decoding.</summary>
internal sealed class MonoSamples(AudioFormat format, int rate, int channels, TimeSpan longest)
{
    public const int MostChannels = 8;
    public const int LowestRate = 8_000;
    public const int HighestRate = 192_000;

    private readonly long _most = (long)(longest.TotalSeconds * rate) + 1;
    private readonly List<short> _samples = [];

    public AudioFormat Format => format;

    public int Rate => rate;

    public int Channels => channels;

    public bool IsUsable => channels is >= 1 and <= MostChannels && rate is >= LowestRate and <= HighestRate;

    public bool IsFull => _samples.Count >= _most;

    public TimeSpan Length => TimeSpan.FromSeconds((double)_samples.Count / rate);

    public ReadOnlySpan<short> Samples => CollectionsMarshal.AsSpan(_samples);

    public void Add(ReadOnlySpan<float> frames)
    {
        for (; frames.Length >= channels && !IsFull; frames = frames[channels..])
        {
            _samples.Add(Mix(frames[..channels]));
        }
    }

    // Float files may hold anything: what is no number becomes silence, what is too loud is cut.
    private static short Mix(ReadOnlySpan<float> frame)
    {
        var sum = 0f;
        foreach (var sample in frame)
        {
            sum += float.IsFinite(sample) ? Math.Clamp(sample, -1f, 1f) : 0f;
        }

        return (short)MathF.Round(sum / frame.Length * short.MaxValue);
    }
}
