namespace Platform.Media;

/// <summary>The container and codec of a delivered file.</summary>
internal enum AudioFormat
{
    Mp3,
    Wav,
    Flac,
    Ogg,
}

/// <summary>
/// The file that PCM is to become. For <see cref="AudioFormat.Wav"/> and <see cref="AudioFormat.Flac"/> the other
/// three are ignored: these keep the PCM's own rate, mono.
/// </summary>
/// <param name="SampleRate">Hertz.</param>
/// <param name="Channels">1 or 2; the mono voice is put on both.</param>
/// <param name="BitrateKbps">Constant bitrate; MP3 takes the nearest step of its own table, the lower on a tie.</param>
internal sealed record AudioTarget(AudioFormat Format, int SampleRate, int Channels, int BitrateKbps)
{
    /// <summary>Whether the file says in its metadata that it was made by a machine (<see cref="AudioMark"/>).</summary>
    public bool IsMarked { get; init; }
}

/// <summary>A finished file.</summary>
/// <param name="Bytes">The whole file.</param>
/// <param name="Duration">Length of the audio in it.</param>
internal sealed record EncodedAudio(ReadOnlyMemory<byte> Bytes, TimeSpan Duration)
{
    /// <summary>Holds the bytes where they do not lie in ordinary memory; to be disposed when nobody reads them any more.</summary>
    public IDisposable? Owner { get; init; }
}
