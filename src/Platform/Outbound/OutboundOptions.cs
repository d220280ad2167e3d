using System.Net;

namespace Platform.Outbound;

/// <summary>What calls to customers' addresses may reach.</summary>
internal sealed class OutboundOptions
{
    public const string Section = "Outbound";

    /// <summary>The word that keeps the list empty where the mode's own default would fill it.</summary>
    public const string NoNetwork = "none";

    /// <summary>
    /// Networks that may be reached although they are not public, on every port, such as <c>10.1.0.0/16</c>. Empty: none, but in the
    /// embedded mode this machine's own (<c>127.0.0.0/8</c>, <c>::1/128</c>); <c>none</c> closes that too.
    /// </summary>
    public IList<string> AllowedNetworks { get; } = [];

    /// <summary>Ports beside 80 and 443.</summary>
    public IList<int> ExtraPorts { get; } = [];

    /// <summary>How long looking up a name may take, in seconds.</summary>
    public double ResolveSeconds { get; set; } = 5;

    /// <summary>How long looking up and connecting may take together, in seconds.</summary>
    public double ConnectSeconds { get; set; } = 8;

    /// <summary>How long a connection is used before its name is looked up and checked again, in seconds.</summary>
    public double ConnectionLifetimeSeconds { get; set; } = 120;

    /// <summary>Null, or one sentence that says which setting cannot be.</summary>
    public string? FindFault()
    {
        if (AllowedNetworks.FirstOrDefault(static network => network != NoNetwork && !IPNetwork.TryParse(network, out _)) is { } wrong)
        {
            return $"Outbound:AllowedNetworks holds '{wrong}', which is no network such as 10.1.0.0/16 or fd00:1::/64.";
        }

        return ExtraPorts.Any(static port => port is < 1 or > ushort.MaxValue) ? "Outbound:ExtraPorts holds a number that is no port." : null;
    }
}
