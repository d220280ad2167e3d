using System.Text.Json;
using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>Why a tree was not built although its syntax is right.</summary>
internal enum JsonTreeFault
{
    None,
    DuplicateKey,
    TooManyValues,
}

/// <summary>Builds token trees from a reader, within a budget of values that all trees of one body share.</summary>
internal sealed class JsonTree(int maxValues)
{
    private int _values;

    public JsonTreeFault Fault { get; private set; }

    /// <summary>Reads the value that the reader stands on, to its last token. Null when <see cref="Fault"/> says why not.</summary>
    public JToken? Read(ref Utf8JsonReader reader)
    {
        if (++_values > maxValues)
        {
            Fault = JsonTreeFault.TooManyValues;
            return null;
        }

        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader),
            JsonTokenType.StartArray => ReadArray(ref reader),
            JsonTokenType.String => new JValue(reader.GetString()),
            JsonTokenType.Number => JsonNumber.Read(reader.ValueSpan),
            JsonTokenType.True => new JValue(true),
            JsonTokenType.False => new JValue(false),
            _ => JValue.CreateNull(),
        };
    }

    // Recursion is safe: the reader refuses a depth over 32.
    private JObject? ReadObject(ref Utf8JsonReader reader)
    {
        var result = new JObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (result.ContainsKey(name))
            {
                Fault = JsonTreeFault.DuplicateKey;
                return null;
            }

            reader.Read();
            if (Read(ref reader) is not { } value)
            {
                return null;
            }

            result.Add(name, value);
        }

        return result;
    }

    private JArray? ReadArray(ref Utf8JsonReader reader)
    {
        var result = new JArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Read(ref reader) is not { } value)
            {
                return null;
            }

            result.Add(value);
        }

        return result;
    }
}
