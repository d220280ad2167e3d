namespace Platform.Bench.Load;

/// <summary>The bytes of a whole request, of which only the task UUID changes from one sending to the next.</summary>
internal sealed class RequestTemplate
{
    /// <summary>Stands where the UUID goes.</summary>
    public const string Placeholder = "00000000-0000-4000-8000-000000000000";

    public const int UuidLength = 36;

    private readonly byte[] bytes;

    public RequestTemplate(byte[] bytes)
    {
        this.bytes = bytes;
        UuidStart = bytes.AsSpan().IndexOf("00000000-0000-4000-8000-000000000000"u8);
        ArgumentOutOfRangeException.ThrowIfNegative(UuidStart, nameof(bytes));
    }

    public int UuidStart { get; }

    /// <summary>A copy that one connection may change.</summary>
    public byte[] Copy() => [.. bytes];

    /// <summary>Writes a fresh version 4 UUID (RFC 9562, section 5.4) in lower case.</summary>
    public static void WriteUuid(Span<byte> target, Random random)
    {
        Span<byte> value = stackalloc byte[16];
        random.NextBytes(value);
        value[6] = (byte)((value[6] & 0x0F) | 0x40);
        value[8] = (byte)((value[8] & 0x3F) | 0x80);
        var at = 0;
        for (var i = 0; i < 16; i++)
        {
            if (i is 4 or 6 or 8 or 10)
            {
                target[at++] = (byte)'-';
            }

            target[at++] = "0123456789abcdef"u8[value[i] >> 4];
            target[at++] = "0123456789abcdef"u8[value[i] & 15];
        }
    }
}
