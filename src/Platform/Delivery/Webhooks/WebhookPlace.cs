using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Platform.Delivery.Webhooks;

/// <summary>Where a page of webhooks ends; as text it is <c>TICKS/ID</c>.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WebhookPlace(DateTimeOffset CreatedAt, Guid WebhookId) : IParsable<WebhookPlace>
{
    public static WebhookPlace Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var place) ? place : throw new FormatException("This is no place in a list of webhooks.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out WebhookPlace result)
    {
        var parts = (s ?? "").Split('/');
        if (parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ticks <= DateTimeOffset.MaxValue.Ticks
            && Guid.TryParseExact(parts[1], "N", out var id))
        {
            result = new WebhookPlace(new DateTimeOffset(ticks, TimeSpan.Zero), id);
            return true;
        }

        result = default;
        return false;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedAt.UtcTicks}/{WebhookId:N}");
}
