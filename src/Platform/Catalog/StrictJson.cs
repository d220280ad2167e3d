using System.Text.Json;
using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// The one parse of a body: strict JSON (RFC 8259) to token trees plus the bytes of every task. Refuses syntax errors, duplicate
/// keys, invalid UTF-8, lone surrogates, nesting deeper than 32 and trailing data; never throws for what a customer sent.
/// </summary>
internal static class StrictJson
{
    /// <summary>The outermost bracket counts as 1 (contract, section 3).</summary>
    public const int MaxDepth = 32;

    /// <summary>
    /// Values and members a body may hold. A body of 16 MiB could spell eight million of them, and their trees would need
    /// many times the room of the text; fifty tasks with every field set hold about a thousand.
    /// </summary>
    public const int MaxValues = 50_000;

    /// <summary>
    /// Reads an array of task objects, or a lone object as an array of one. Reading stops at the first task over
    /// <paramref name="maxTasks"/>: what follows is not looked at.
    /// </summary>
    public static ParsedBody Parse(ReadOnlyMemory<byte> body, int maxTasks)
    {
        var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            return ReadBody(ref reader, body, maxTasks);
        }
        catch (JsonException)
        {
            return Invalid($"The JSON is broken or nests deeper than {MaxDepth} levels at byte {reader.BytesConsumed}.");
        }
        catch (InvalidOperationException) when (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
        {
            // The reader's documented answer to text that is not Unicode.
            return Invalid($"A string before byte {reader.BytesConsumed} is not valid Unicode.");
        }
    }

    private static ParsedBody ReadBody(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, int maxTasks)
    {
        var tree = new JsonTree(MaxValues);
        var tasks = new List<ParsedTask>(1);
        reader.Read();
        var isArray = reader.TokenType == JsonTokenType.StartArray;
        if (isArray)
        {
            reader.Read();
        }

        while (reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Invalid("Expected an array of task objects, or one task object.");
            }

            if (tasks.Count == maxTasks)
            {
                return ParsedBody.Refused(ErrorCodes.ArrayTooLong, $"An array may hold at most {maxTasks} tasks.");
            }

            var start = (int)reader.TokenStartIndex;
            if (tree.Read(ref reader) is not JObject task)
            {
                return Refusal(tree.Fault);
            }

            tasks.Add(new ParsedTask(task, body[start..(int)reader.BytesConsumed]));
            if (!isArray)
            {
                break;
            }

            reader.Read();
        }

        // Throws when anything but white space follows.
        reader.Read();
        return tasks.Count > 0 ? ParsedBody.Of(tasks) : Invalid("Expected at least one task object.");
    }

    private static ParsedBody Refusal(JsonTreeFault fault) => fault == JsonTreeFault.DuplicateKey
        ? Invalid("An object names the same member twice.")
        : ParsedBody.Refused(ErrorCodes.PayloadTooLarge, $"A request may hold at most {MaxValues} JSON values.");

    private static ParsedBody Invalid(string message) => ParsedBody.Refused(ErrorCodes.InvalidJson, message);
}
