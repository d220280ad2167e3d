using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>The table of one lossy format.</summary>
internal sealed record AudioTable
{
    /// <summary>Hertz, channels and kbps of a task that asks for nothing.</summary>
    public required (long SampleRate, long Channels, long Bitrate) Default { get; init; }

    /// <summary>By channels, by rate in hertz: the lowest and highest bitrate in kbps.</summary>
    public required IReadOnlyDictionary<long, Dictionary<long, (long Min, long Max)>> Ranges { get; init; }

    /// <summary>Null when the JSON is not such a table.</summary>
    public static AudioTable? Read(JToken json)
    {
        if (json is not JObject table
            || table["default"] is not JObject usual
            || usual["sampleRate"] is not JValue { Value: long sampleRate }
            || usual["channels"] is not JValue { Value: long channels }
            || usual["bitrate"] is not JValue { Value: long bitrate }
            || table["bitrates"] is not JObject byChannels)
        {
            return null;
        }

        var ranges = new Dictionary<long, Dictionary<long, (long Min, long Max)>>();
        foreach (var entry in byChannels.Properties())
        {
            if (!long.TryParse(entry.Name, out var count) || ReadRates(entry.Value) is not { } rates)
            {
                return null;
            }

            ranges.Add(count, rates);
        }

        return new AudioTable { Default = (sampleRate, channels, bitrate), Ranges = ranges };
    }

    private static Dictionary<long, (long Min, long Max)>? ReadRates(JToken json)
    {
        var rates = new Dictionary<long, (long Min, long Max)>();
        foreach (var entry in json.Children<JProperty>())
        {
            if (!long.TryParse(entry.Name, out var rate)
                || entry.Value is not JArray { Count: 2 } range
                || range[0] is not JValue { Value: long min }
                || range[1] is not JValue { Value: long max }
                || min > max)
            {
                return null;
            }

            rates.Add(rate, (min, max));
        }

        return rates;
    }
}
