namespace Platform.Tasks;

/// <summary>What a worker process runs.</summary>
internal sealed class WorkerOptions
{
    public const string Section = "Worker";

    /// <summary>Pools to serve. Empty: all that the catalog names.</summary>
    public IList<string> Pools { get; } = [];

    /// <summary>
    /// Tasks of one pool that are at its engine at the same time; as many again may be encoded, stored and settled meanwhile. 0: as many as the
    /// machine has cores.
    /// </summary>
    public int Slots { get; set; }

    /// <summary>How often an idle worker looks for work that no ticket told it of, in seconds.</summary>
    public double IdleLookSeconds { get; set; } = 2;

    /// <summary>How long running tasks may go on after a stop was asked for; what is left is handed back. Seconds.</summary>
    public double DrainSeconds { get; set; } = 25;
}
