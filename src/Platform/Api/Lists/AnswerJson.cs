using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Platform.Api.Lists;

/// <summary>How the operator surface and the tenants' reads write JSON: camel case, absent instead of null, instants in UTC.</summary>
internal static class AnswerJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new InstantConverter() },
    };

    public static IResult Result(object answer, int status = StatusCodes.Status200OK) =>
        Results.Json(answer, Options, "application/json", status);

    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Iso8601.Write(value));
    }
}

/// <summary>One page of a list; <paramref name="NextCursor"/> is absent on the last one.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Makes pages of rows that were read one more than asked for: the one too many says that there is a next page.</summary>
internal static class Page
{
    public static Page<TItem> Of<TRow, TItem>(
        IReadOnlyList<TRow> rows, int limit, string list, Func<TRow, TItem> item, Func<TRow, string> key)
    {
        var shown = rows.Take(limit).ToList();
        return new Page<TItem>(
            [.. shown.Select(item)], rows.Count > limit ? Cursor.Write(list, key(shown[^1])) : null);
    }
}
