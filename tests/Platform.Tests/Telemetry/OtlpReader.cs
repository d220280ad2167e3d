using System.Buffers.Binary;
using System.Text;

namespace Platform.Tests.Telemetry;

/// <summary>One span as a collector gets it.</summary>
internal sealed record SeenSpan(string TraceId, string SpanId, string ParentId, string Name, string Roles);

/// <summary>Reads as much of OTLP's protobuf (opentelemetry-proto v1) as the tests look at.</summary>
internal static class OtlpReader
{
    public static IEnumerable<SeenSpan> Spans(byte[] request)
    {
        foreach (var resourceSpans in Inner(request, 1))
        {
            var roles = Inner(resourceSpans, 1).SelectMany(static resource => Inner(resource, 1))
                .Where(static pair => TextOf(Inner(pair, 1).Single()) == "platform.roles")
                .Select(static pair => TextOf(Inner(Inner(pair, 2).Single(), 1).Single()))
                .SingleOrDefault("");
            foreach (var span in Inner(resourceSpans, 2).SelectMany(static scope => Inner(scope, 2)))
            {
                yield return new SeenSpan(HexOf(span, 1), HexOf(span, 2), HexOf(span, 4), TextOf(Inner(span, 5).Single()), roles);
            }
        }
    }

    private static string HexOf(ReadOnlyMemory<byte> message, int field) =>
        Convert.ToHexStringLower(Inner(message, field).SingleOrDefault().Span);

    private static string TextOf(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    /// <summary>The length-delimited values of one field.</summary>
    private static List<ReadOnlyMemory<byte>> Inner(ReadOnlyMemory<byte> message, int field)
    {
        var found = new List<ReadOnlyMemory<byte>>();
        while (!message.IsEmpty)
        {
            var key = (int)ReadVarint(ref message);
            switch (key & 7)
            {
                case 0:
                    ReadVarint(ref message);
                    break;
                case 1:
                    _ = BinaryPrimitives.ReadUInt64LittleEndian(message.Span);
                    message = message[8..];
                    break;
                case 2:
                    var length = (int)ReadVarint(ref message);
                    if (key >> 3 == field)
                    {
                        found.Add(message[..length]);
                    }

                    message = message[length..];
                    break;
                case 5:
                    message = message[4..];
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7} is none of protobuf's.");
            }
        }

        return found;
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> message)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = message.Span[0];
            message = message[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
