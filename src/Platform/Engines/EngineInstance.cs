using System.ComponentModel.DataAnnotations;

namespace Platform.Engines;

/// <summary>
/// One engine that the settings name: where it is and how much it takes. Which of these a kind reads stands in its README; one that it needs
/// and misses is said at start. No record, so that nothing ever prints the key.
/// </summary>
internal sealed class EngineInstance
{
    /// <summary>A name of <see cref="EngineKinds"/>, such as <c>openai-speech</c>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Base address, such as <c>http://gpu-1:8091</c>. The operator's own, so it may be private.</summary>
    public string Url { get; set; } = "";

    /// <summary>Sent as a bearer token where it is not empty.</summary>
    public string ApiKey { get; set; } = "";

    /// <summary>Which server's way of speaking the protocol; empty is the kind's default.</summary>
    public string Dialect { get; set; } = "";

    /// <summary>The model as the server or provider names it; empty leaves it to the kind.</summary>
    public string Model { get; set; } = "";

    /// <summary>The models (AIRs) that it serves. Empty: those of the pools that name it.</summary>
    public IList<string> Serves { get; } = [];

    /// <summary>Voice of the contract to the server's own name, where they differ. Where some are given, no other voice is served.</summary>
    public IDictionary<string, string> Voices { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A provider's region.</summary>
    public string Region { get; set; } = "";

    /// <summary>A provider's workspace.</summary>
    public string Workspace { get; set; } = "";

    /// <summary>Calls that one process has in flight at most; fewer while the server says that it is busy.</summary>
    [Range(1, 10_000, ErrorMessage = "must be from 1 to 10000")]
    public int Concurrency { get; set; } = 32;

    /// <summary>How long one call may take, in seconds. 0: Engines:TimeoutSeconds.</summary>
    [Range(0, 86_400, ErrorMessage = "must be from 0 to 86400")]
    public double TimeoutSeconds { get; set; }

    /// <summary>What a million characters cost us, in micro-USD.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "must not be negative")]
    public long CostPerMillionCharacters { get; set; }

    /// <summary>What an hour of audio costs us, in micro-USD: for servers of one's own.</summary>
    [Range(0, long.MaxValue, ErrorMessage = "must not be negative")]
    public long CostPerAudioHour { get; set; }
}
