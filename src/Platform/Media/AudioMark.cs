using System.Text;

namespace Platform.Media;

/// <summary>
/// Says in a file's metadata that a machine spoke: an ID3v2.3 <c>TXXX</c> frame in MP3, Vorbis comments in OGG and FLAC, <c>LIST</c>/<c>INFO</c>
/// in WAV. The same few bytes in every file, beside the audio and not in it: bitrates and samples stay what they were.
/// </summary>
internal static class AudioMark
{
    public const string Name = "AI_GENERATED";
    public const string Value = "true";
    public const string CommentName = "COMMENT";
    public const string Comment = "Speech made by artificial intelligence";

    /// <summary>Begins an MP3 file.</summary>
    public static readonly byte[] Id3 = MakeId3();

    /// <summary>Ends a WAV file, whose size it is part of.</summary>
    public static readonly byte[] WaveList = MakeWaveList();

    private static byte[] MakeId3()
    {
        byte[] frames = [.. Frame("TXXX", [0, .. Ascii(Name), 0, .. Ascii(Value)]), .. Frame("COMM", [0, .. "eng"u8, 0, .. Ascii(Comment)])];

        // Short enough that its size has no bit that a synch-safe number would have to move.
        return [.. "ID3"u8, 3, 0, 0, 0, 0, (byte)(frames.Length >> 7), (byte)(frames.Length & 0x7F), .. frames];
    }

    private static byte[] Frame(string id, byte[] content) =>
        [.. Ascii(id), 0, 0, (byte)(content.Length >> 8), (byte)content.Length, 0, 0, .. content];

    private static byte[] MakeWaveList()
    {
        byte[] list = [.. "INFO"u8, .. Entry("ICMT", Comment), .. Entry("IKEY", $"{Name}={Value}")];
        return [.. "LIST"u8, .. LittleEndian(list.Length), .. list];
    }

    // A text ends in a zero, and the next entry begins at an even place.
    private static byte[] Entry(string id, string text)
    {
        byte[] content = [.. Ascii(text), 0];
        return [.. Ascii(id), .. LittleEndian(content.Length), .. content, .. new byte[content.Length % 2]];
    }

    private static byte[] LittleEndian(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
