using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Platform.Media;

namespace Platform.Engines.DashScope;

/// <summary>Finds the audio in an answer and makes PCM of it.</summary>
internal static class DashScopeAudio
{
    /// <summary>Hertz of everything that leaves this engine.</summary>
    public const int Rate = 24_000;

    /// <summary>RIFF sizes from here on are placeholders of a writer that did not know the length.</summary>
    private const uint Placeholder = 0x7FFF_0000;

    private const int HeaderLength = 44;

    private static readonly DecodingLimits Limits = new(TimeSpan.Zero, TimeSpan.FromMinutes(30), Rate);

    // Where an answer may hold its audio. The first is Qwen's and CosyVoice's; MiniMax's place behind this provider is not documented, so the
    // others are what its own interface and its kin do.
    private static readonly string[][] Places =
    [
        ["output", "audio"], ["output", "data", "audio"], ["output", "data"], ["output", "audio_url"], ["output", "url"],
        ["output", "audio_file"], ["data", "audio"], ["data"], ["audio"], ["audio_url"],
    ];

    private static readonly string[] Members = ["url", "data", "audio", "audio_url", "content", "hex"];

    /// <summary>The audio, or the address of it; neither where there is none.</summary>
    public static (byte[]? Bytes, string? Url) Find(JsonElement root)
    {
        (byte[]? Bytes, string? Url) found = default;
        foreach (var path in Places)
        {
            if (At(root, path) is not { } place)
            {
                continue;
            }

            var texts = place.ValueKind == JsonValueKind.Object
                ? Members.Select(name => DashScopeReply.TextOf(place, name))
                : [place.ValueKind == JsonValueKind.String ? place.GetString() : null];
            foreach (var text in texts.Where(static text => !string.IsNullOrEmpty(text)))
            {
                var (bytes, url) = Read(text!);
                found = (found.Bytes ?? bytes, found.Url ?? url);
            }

            if (found is not (null, null))
            {
                return found;
            }
        }

        return found;
    }

    /// <summary>
    /// PCM at <see cref="Rate"/>, mono. Null where the bytes are no audio, hold none, or end before their header says.
    /// </summary>
    /// <param name="isRaw">Whether bytes without a header are PCM at that rate already.</param>
    public static Pcm? Decode(ReadOnlyMemory<byte> bytes, bool isRaw)
    {
        var isWave = bytes.Span.StartsWith("RIFF"u8);
        if (isRaw && !isWave)
        {
            // A stream may end inside a sample; half of one is no sound.
            var samples = MemoryMarshal.Cast<byte, short>(bytes.Span[..(bytes.Length & ~1)]).ToArray();
            return samples.Length > 0 ? new Pcm(samples, Rate) : null;
        }

        if (isWave && IsCut(bytes.Span))
        {
            return null;
        }

        var audio = AudioDecoder.Decode(bytes, Limits).Audio;
        return audio is { Samples.Length: > 0 } ? audio : null;
    }

    private static (byte[]? Bytes, string? Url) Read(string text)
    {
        if (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return (null, text);
        }

        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            text = text[(text.IndexOf(',', StringComparison.Ordinal) + 1)..];
        }

        // Digits and a to f alone are base64 too: hexadecimal it is where a known header comes out.
        return IsHex(text) && Convert.FromHexString(text) is var bytes && IsFile(bytes) ? (bytes, null)
            : TryBase64(text) is { } decoded ? (decoded, null)
            : IsHex(text) ? (Convert.FromHexString(text), null)
            : default;
    }

    private static byte[]? TryBase64(string text)
    {
        var room = new byte[((text.Length / 4) + 1) * 3];
        return Convert.TryFromBase64String(text, room, out var length) && length > 0 ? room[..length] : null;
    }

    private static bool IsHex(string text) => text.Length >= 2 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);

    private static bool IsFile(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("RIFF"u8) || bytes.StartsWith("ID3"u8) || bytes.StartsWith("fLaC"u8) || bytes.StartsWith("OggS"u8)
        || (bytes.Length > 4 && bytes[0] == 0xFF && (bytes[1] & 0xE0) == 0xE0);

    private static bool IsCut(ReadOnlySpan<byte> wave)
    {
        if (wave.Length < HeaderLength)
        {
            return true;
        }

        var promised = BinaryPrimitives.ReadUInt32LittleEndian(wave[4..]);
        return promised < Placeholder && promised + 8L > wave.Length + 1L;
    }

    private static JsonElement? At(JsonElement json, string[] path)
    {
        foreach (var name in path)
        {
            if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty(name, out json))
            {
                return null;
            }
        }

        return json;
    }
}
