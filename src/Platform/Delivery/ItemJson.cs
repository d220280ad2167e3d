using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Catalog;

namespace Platform.Delivery;

/// <summary>Facts of a finished result that its item shows.</summary>
internal sealed record ItemFacts
{
    /// <summary>As the customer spelled it.</summary>
    public required string TaskUuid { get; init; }

    public required Guid AudioUuid { get; init; }

    /// <summary>The link; none where the audio itself is handed over.</summary>
    public string? AudioUrl { get; init; }

    public required long Seed { get; init; }

    /// <summary>Micro-USD of this result; none where the customer did not ask for it.</summary>
    public long? Cost { get; init; }
}

/// <summary>Renders a result once, when it is finished. Every reply then shows these bytes.</summary>
internal static class ItemJson
{
    // System.Text.Json's relaxed form: the replies are application/json and never pasted into HTML.
    private static readonly JsonWriterOptions Plain = new()
    {
        SkipValidation = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions Stored = new() { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static byte[] Render(ItemFacts facts)
    {
        var buffer = new ArrayBufferWriter<byte>(320);
        using var json = new Utf8JsonWriter(buffer, Plain);
        json.WriteStartObject();
        json.WriteString("taskType"u8, "audioInference"u8);
        json.WriteString("taskUUID"u8, facts.TaskUuid);
        json.WriteString("audioUUID"u8, facts.AudioUuid);
        if (facts.AudioUrl is not null)
        {
            json.WriteString("audioURL"u8, facts.AudioUrl);
        }

        json.WriteNumber("seed"u8, facts.Seed);
        if (facts.Cost is { } cost)
        {
            // Micro-USD has six decimals; decimal keeps them exact where a double would not.
            json.WriteNumber("cost"u8, cost / 1_000_000m);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The short form in which an error is stored beside its task; the reply adds type and UUID.</summary>
    public static byte[] RenderError(TaskError error) =>
        JsonSerializer.SerializeToUtf8Bytes(new StoredError(error.Code, error.Message, error.Parameter), Stored);

    public static TaskError ReadError(ReadOnlySpan<byte> stored)
    {
        var error = JsonSerializer.Deserialize<StoredError>(stored)
            ?? throw new InvalidOperationException("A stored error is the JSON value null.");
        return new TaskError(error.Code, error.Message) { Parameter = error.Parameter };
    }

    private sealed record StoredError(string Code, string Message, string? Parameter = null);
}
