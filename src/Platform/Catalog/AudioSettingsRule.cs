using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// Cross-field rule: rate, bitrate and channels must be a combination of the format's table. Also reads the target of a task that
/// passed it.
/// </summary>
internal sealed class AudioSettingsRule(SchemaField root, AudioTables tables)
{
    private readonly SchemaField _format = root.Find("outputFormat")!;
    private readonly SchemaField? _settings = root.Find("audioSettings");
    private readonly SchemaField? _rate = root.Find("audioSettings.sampleRate");
    private readonly SchemaField? _channels = root.Find("audioSettings.channels");
    private readonly SchemaField? _bitrate = root.Find("audioSettings.bitrate");

    /// <summary>The error of a task, or null. Silent where a field that it needs is itself wrong: that has its own error.</summary>
    /// <param name="refused">The paths that already have an error.</param>
    public TaskError? Check(JObject task, IReadOnlySet<string> refused)
    {
        SchemaField?[] needed = [_format, _settings, _rate, _channels, _bitrate];
        if (_settings?.Sent(task) is null || needed.Any(field => refused.Contains(field!.Path)))
        {
            return null;
        }

        if (Choose(task).Fault is not { } fault)
        {
            return null;
        }

        var field = _settings.Field(fault.Setting)!;
        var expected = fault.Allowed is { } allowed
            ? $"one of {string.Join(", ", allowed)}"
            : $"an integer from {fault.Min} to {fault.Max} for this sample rate and these channels";
        return FieldErrors.Invalid(field) with
        {
            Message = $"'{field.Path}' must be {expected}.",
            AllowedValues = fault.Allowed,
            Min = fault.Min,
            Max = fault.Max,
        };
    }

    /// <summary>What the tables make of the format and settings of a task whose fields are valid one by one.</summary>
    public AudioChoice Choose(JObject task)
    {
        var format = AudioTables.FormatOf(_format.Canonical((string)_format.Value(task)!));
        return _settings?.Sent(task) is null
            ? tables.Choose(format, default)
            : tables.Choose(format, new AudioWish((long?)_rate!.Value(task), (long?)_channels!.Value(task), (long?)_bitrate!.Value(task)));
    }
}
