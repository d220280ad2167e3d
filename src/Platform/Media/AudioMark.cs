using System.Buffers.Binary;
using System.Text;

namespace Platform.Media;

/// <summary>
/// Says in a file's metadata that a machine spoke: an ID3v2.3 <c>TXXX</c> frame in MP3, a Vorbis comment in OGG and FLAC, <c>LIST</c>/<c>INFO</c>
/// in WAV. The same few bytes in every file, beside the audio and not in it: bitrates and samples stay what they were.
/// </summary>
internal static class AudioMark
{
    public const string Name = "AI_GENERATED";
    public const string Value = "true";
    public const string CommentName = "COMMENT";
    public const string Comment = "Speech made by artificial intelligence";

    private const byte VorbisComment = 4;
    private const byte IsLastBlock = 0x80;

    /// <summary>The file with its mark. OGG is marked while it is encoded, since its pages carry checksums.</summary>
    public static ReadOnlyMemory<byte> On(ReadOnlyMemory<byte> file, AudioFormat format) => format switch
    {
        AudioFormat.Mp3 => (byte[])[.. Id3(), .. file.Span],
        AudioFormat.Wav => OnWave(file.Span),
        AudioFormat.Flac => OnFlac(file.Span),
        _ => file,
    };

    private static byte[] Id3()
    {
        byte[] frames = [.. Frame("TXXX", [0, .. Ascii(Name), 0, .. Ascii(Value)]), .. Frame("COMM", [0, .. "eng"u8, 0, .. Ascii(Comment)])];
        return [.. "ID3"u8, 3, 0, 0, .. SynchSafe(frames.Length), .. frames];
    }

    private static byte[] Frame(string id, byte[] content) => [.. Ascii(id), .. BigEndian(content.Length), 0, 0, .. content];

    private static byte[] OnWave(ReadOnlySpan<byte> file)
    {
        byte[] list = [.. "INFO"u8, .. Info("ICMT", Comment), .. Info("IKEY", $"{Name}={Value}")];
        byte[] marked = [.. file, .. "LIST"u8, .. LittleEndian(list.Length), .. list];
        BinaryPrimitives.WriteInt32LittleEndian(marked.AsSpan(4), marked.Length - 8);
        return marked;
    }

    // A chunk's text ends in a zero, and the next chunk begins at an even place.
    private static byte[] Info(string id, string text)
    {
        byte[] content = [.. Ascii(text), 0];
        return [.. Ascii(id), .. LittleEndian(content.Length), .. content, .. new byte[content.Length % 2]];
    }

    // libFLAC writes a comment block with its own name; it is replaced by one that says more. Nothing in the file points past it.
    private static byte[] OnFlac(ReadOnlySpan<byte> file)
    {
        var at = 4;
        while ((file[at] & ~IsLastBlock) != VorbisComment)
        {
            if ((file[at] & IsLastBlock) != 0)
            {
                throw new AudioEncodingException("libFLAC", "comment block", 0);
            }

            at += 4 + LengthAt(file, at);
        }

        var end = at + 4 + LengthAt(file, at);
        var vendor = BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]);
        byte[] block =
        [
            .. file[(at + 4)..(at + 8 + vendor)], .. LittleEndian(2), .. Entry($"{Name}={Value}"), .. Entry($"{CommentName}={Comment}"),
        ];
        return [.. file[..at], file[at], .. BigEndian(block.Length)[1..], .. block, .. file[end..]];
    }

    private static byte[] Entry(string text) => [.. LittleEndian(text.Length), .. Ascii(text)];

    private static int LengthAt(ReadOnlySpan<byte> file, int block) => (file[block + 1] << 16) | (file[block + 2] << 8) | file[block + 3];

    private static byte[] SynchSafe(int size) => [(byte)(size >> 21 & 0x7F), (byte)(size >> 14 & 0x7F), (byte)(size >> 7 & 0x7F), (byte)(size & 0x7F)];

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static byte[] LittleEndian(int value) => [(byte)value, (byte)(value >> 8), (byte)(value >> 16), (byte)(value >> 24)];

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
