using System.ComponentModel.DataAnnotations;

namespace Platform.Engines.DashScope;

/// <summary>How the provider's interface is spoken, where its documents leave it open or it may change. The same for all instances.</summary>
internal sealed class DashScopeOptions
{
    public const string Section = "DashScope";

    /// <summary>Where <c>instructions</c> and <c>optimize_instructions</c> stand in a request: <c>input</c> or <c>parameters</c>.</summary>
    [RegularExpression("^(input|parameters)$", ErrorMessage = "must be input or parameters")]
    public string InstructionsIn { get; set; } = "input";

    /// <summary>Whether Qwen and CosyVoice send their audio as it is spoken (server-sent events) instead of an address to fetch it from.</summary>
    public bool Stream { get; set; }

    /// <summary>
    /// Dated snapshots that are to be asked for, such as <c>alibaba:qwen@3-tts-flash=qwen3-tts-flash-2025-11-27</c>: an AIR holds a colon, which parts
    /// the names of settings, and so cannot be one.
    /// </summary>
    public IList<string> Snapshots { get; } = [];

    /// <summary>Audio is fetched only from hosts that are one of these or end in one behind a dot.</summary>
    public IList<string> AudioHosts { get; } = [];

    /// <summary>Bytes of one answer or of one audio file.</summary>
    [Range(1_000_000, 1_000_000_000, ErrorMessage = "must be from 1000000 to 1000000000")]
    public long MaxBytes { get; set; } = 64_000_000;

    /// <summary>The file that MiniMax is asked for: <c>mp3</c>, which its documents show, or <c>wav</c>, <c>flac</c>.</summary>
    [RegularExpression("^(mp3|wav|flac)$", ErrorMessage = "must be mp3, wav or flac")]
    public string MiniMaxFormat { get; set; } = "mp3";

    /// <summary>The provider's name of the snapshot for a model; null where none is fixed.</summary>
    public string? FindSnapshot(string air) =>
        Snapshots.FirstOrDefault(one => one.StartsWith($"{air}=", StringComparison.Ordinal))?[(air.Length + 1)..];

    /// <summary>All entries of <see cref="Snapshots"/> that name no model of the provider, or no snapshot for it.</summary>
    public IEnumerable<string> FindFaults() => Snapshots
        .Where(static one => one.Split('=') is not [var air, { Length: > 0 }] || DashScopeModels.Find(air) is null)
        .Select(static one => $"{Section}:Snapshots has '{one}', which is not MODEL=SNAPSHOT such as alibaba:qwen@3-tts-flash=qwen3-tts-flash-2025-11-27.");

    /// <summary>The hosts that hold; where <see cref="AudioHosts"/> is empty, those of the provider's storage.</summary>
    public IEnumerable<string> FindAudioHosts() => AudioHosts.Count > 0 ? AudioHosts : ["aliyuncs.com"];
}
