namespace Platform.Media;

/// <summary>The fixed facts about each delivered format.</summary>
internal static class AudioFormatFacts
{
    /// <summary>The value of <c>Content-Type</c>, as the contract's section 6 lists it.</summary>
    public static string ContentType(this AudioFormat format) => format switch
    {
        AudioFormat.Mp3 => "audio/mpeg",
        AudioFormat.Wav => "audio/wav",
        AudioFormat.Flac => "audio/flac",
        AudioFormat.Ogg => "audio/ogg",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    /// <summary>The file extension, without the dot.</summary>
    public static string FileExtension(this AudioFormat format) => format switch
    {
        AudioFormat.Mp3 => "mp3",
        AudioFormat.Wav => "wav",
        AudioFormat.Flac => "flac",
        AudioFormat.Ogg => "ogg",
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };
}
