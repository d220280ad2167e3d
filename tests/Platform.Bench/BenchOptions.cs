using System.Globalization;

namespace Platform.Bench;

/// <summary>One part of a run.</summary>
internal enum BenchPart
{
    Validation,
    Floors,
    Sync,
    Latency,
    Async,
    Webhooks,
    Sockets,
    Media,
    Telemetry,
    Rolling,
    Pools,

    /// <summary>What money work takes of the throughput; like the next two only on request, because they take their time.</summary>
    Money,
    Costs,
    Soak,
}

/// <summary>What the command line asked for.</summary>
internal sealed record BenchOptions
{
    public const string Usage =
        """
        usage: bench [--quick] [--only validation|floors|sync|latency|async|webhooks|sockets|media|pools|telemetry|rolling|money|costs|soak]...
                     [--slots N] [--keep] [--folder DIR] [--connections N]... [--server DLL] [--statements]
          --quick    short windows, for a first impression
          --only     only this part; may be given more than once; money, costs and soak are measured only so
          --connections  so many at once in the closed loop, instead of 1, 32, 128 and 256; may be given more than once
          --slots    tasks that the worker runs at once
          --keep     leave the temporary folder with its logs
          --folder   where the temporary folder is made; must lie on a real disk
          --server   the Platform.Server.dll to start
          --statements  where PostgreSQL's time goes in each closed loop, statement by statement; counting takes a little of it
        """;

    public bool IsQuick { get; init; }

    public bool KeepsFolder { get; init; }

    public bool CountsStatements { get; init; }

    public int? Slots { get; init; } = 256;

    /// <summary>Numbers of connections in the closed loop, one after another.</summary>
    public IReadOnlyList<int> Connections { get; init; } = [1, 32, 128, 256];

    public string Folder { get; init; } = Path.GetTempPath();

    public string? Server { get; init; }

    /// <summary>Not measured unless they are asked for.</summary>
    public static IReadOnlySet<BenchPart> OnRequest { get; } = new HashSet<BenchPart> { BenchPart.Money, BenchPart.Costs, BenchPart.Soak };

    public IReadOnlySet<BenchPart> Parts { get; init; } = Enum.GetValues<BenchPart>().Except(OnRequest).ToHashSet();

    /// <summary>True when the database and the broker have to run.</summary>
    public bool NeedsServers => Parts.Any(part => part != BenchPart.Validation);

    /// <summary>True when the platform has to run; some parts need only the database and the broker, and some bring a platform of their own.</summary>
    public bool NeedsPlatform => Parts.Any(part => part is not (
        BenchPart.Validation or BenchPart.Floors or BenchPart.Pools or BenchPart.Telemetry or BenchPart.Rolling or BenchPart.Soak));

    /// <summary>Reads the arguments; null when they are not understood.</summary>
    public static BenchOptions? Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchOptions();
        var parts = new HashSet<BenchPart>();
        var connections = new List<int>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--quick":
                    options = options with { IsQuick = true };
                    continue;
                case "--keep":
                    options = options with { KeepsFolder = true };
                    continue;
                case "--statements":
                    options = options with { CountsStatements = true };
                    continue;
                case "--only" when Enum.TryParse<BenchPart>(value, ignoreCase: true, out var part) && Enum.IsDefined(part)
                    && !char.IsAsciiDigit(value[0]):
                    parts.Add(part);
                    break;
                case "--slots" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var slots) && slots > 0:
                    options = options with { Slots = slots };
                    break;
                case "--connections" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0:
                    connections.Add(count);
                    break;
                case "--folder" when value is not null:
                    options = options with { Folder = value };
                    break;
                case "--server" when value is not null:
                    options = options with { Server = value };
                    break;
                default:
                    return null;
            }

            i++;
        }

        options = connections.Count == 0 ? options : options with { Connections = connections };
        return parts.Count == 0 ? options : options with { Parts = parts };
    }
}
