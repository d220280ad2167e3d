using System.Text.Json;

namespace Platform.Engines.DashScope;

/// <summary>What an answer of the provider holds.</summary>
internal sealed record DashScopeReply
{
    /// <summary>The audio itself, where it came along.</summary>
    public byte[]? Audio { get; init; }

    /// <summary>Where the audio lies for 24 hours. Signed, so it never goes to a log.</summary>
    public string? AudioUrl { get; init; }

    public string? RequestId { get; init; }

    /// <summary>Characters that are billed, where the provider says so.</summary>
    public long? Characters { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>From the call to the first bytes of audio, for a stream.</summary>
    public TimeSpan? FirstAudio { get; init; }

    /// <summary>The facts of an answer; the audio is looked for by <see cref="DashScopeAudio"/>.</summary>
    public static DashScopeReply Of(JsonElement root)
    {
        var (bytes, url) = DashScopeAudio.Find(root);
        return new DashScopeReply
        {
            Audio = bytes,
            AudioUrl = url,
            RequestId = TextOf(root, "request_id"),
            Characters = NumberOf(root, "characters"),
            OutputTokens = NumberOf(root, "output_tokens"),
        };
    }

    /// <summary>The error that a body speaks of, whatever its HTTP status; null where it speaks of none.</summary>
    public static string? CodeOf(JsonElement root) => root.ValueKind == JsonValueKind.Object ? TextOf(root, "code") : null;

    public static string? TextOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text
            ? text
            : null;

    // Zero stands where a model counts in the other unit.
    private static long? NumberOf(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("usage", out var usage) && usage.ValueKind == JsonValueKind.Object
            && usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number > 0
            ? number
            : null;
}
