using System.Runtime.InteropServices;
using Platform.Media;

namespace Platform.Catalog;

/// <summary>
/// The rates and bitrates of the lossy formats (<c>schemas/audio-settings.json</c>) and how absent settings are filled from them
/// (contract, section 3). A format that is not in the file keeps the engine's own rate and has nothing to set.
/// </summary>
internal sealed class AudioTables
{
    private const string Path = "schemas/audio-settings.json";

    private static readonly Dictionary<string, AudioFormat> s_formats = new(StringComparer.Ordinal)
    {
        ["MP3"] = AudioFormat.Mp3,
        ["WAV"] = AudioFormat.Wav,
        ["FLAC"] = AudioFormat.Flac,
        ["OGG"] = AudioFormat.Ogg,
    };

    private readonly Dictionary<AudioFormat, AudioTable> _tables = [];

    private AudioTables()
    {
    }

    /// <exception cref="InvalidDataException">The file is broken; the message says where.</exception>
    public static AudioTables Load(SchemaFiles files)
    {
        var tables = new AudioTables();
        foreach (var entry in files.Object(Path).Properties())
        {
            if (!s_formats.TryGetValue(entry.Name, out var format) || AudioTable.Read(entry.Value) is not { } table)
            {
                throw new InvalidDataException($"{Path}: {entry.Name} is not a known format with a table as schemas/README.md has it.");
            }

            tables._tables.Add(format, table);
            if (tables.Choose(format, default).Fault is not null)
            {
                throw new InvalidDataException($"{Path}: the default of {entry.Name} is not in its own table.");
            }
        }

        return tables;
    }

    /// <summary>The format of a value of <c>outputFormat</c>, in upper case.</summary>
    /// <exception cref="ArgumentException">No such format: the schema allows a value that the code does not know.</exception>
    public static AudioFormat FormatOf(string name) => s_formats.TryGetValue(name, out var format)
        ? format
        : throw new ArgumentException("There is no audio format of this name.", nameof(name));

    /// <summary>
    /// Fills what was not asked for, and says which setting is outside the table. A bitrate that was not asked for is the default
    /// one, moved to the nearest bound of the rate.
    /// </summary>
    public AudioChoice Choose(AudioFormat format, AudioWish wish)
    {
        if (!_tables.TryGetValue(format, out var table))
        {
            return new AudioChoice(new AudioTarget(format, SampleRate: 0, Channels: 1, BitrateKbps: 0), Fault: null);
        }

        if (!table.Ranges.TryGetValue(wish.Channels ?? table.Default.Channels, out var rates))
        {
            return new AudioChoice(Target: null, new SettingFault("channels") { Allowed = Texts(table.Ranges.Keys) });
        }

        var rate = wish.SampleRate ?? table.Default.SampleRate;
        if (!rates.TryGetValue(rate, out var range))
        {
            return new AudioChoice(Target: null, new SettingFault("sampleRate") { Allowed = Texts(rates.Keys) });
        }

        var bitrate = wish.Bitrate ?? Math.Clamp(table.Default.Bitrate, range.Min, range.Max);
        if (bitrate < range.Min || bitrate > range.Max)
        {
            return new AudioChoice(Target: null, new SettingFault("bitrate") { Min = range.Min, Max = range.Max });
        }

        var channels = wish.Channels ?? table.Default.Channels;
        return new AudioChoice(new AudioTarget(format, (int)rate, (int)channels, (int)bitrate), Fault: null);
    }

    private static string[] Texts(IEnumerable<long> values) => [.. values.Select(value => value.ToString())];
}

/// <summary>What a task asks for; null where it leaves the choice.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AudioWish(long? SampleRate, long? Channels, long? Bitrate);

/// <summary>What the tables make of a wish: a target that can be encoded, or the setting at fault.</summary>
internal readonly record struct AudioChoice(AudioTarget? Target, SettingFault? Fault);

/// <summary>A setting outside the table, and what the table has for it.</summary>
internal sealed record SettingFault(string Setting)
{
    public IReadOnlyList<string>? Allowed { get; init; }

    public long? Min { get; init; }

    public long? Max { get; init; }
}
