namespace Platform.Engines.DashScope;

/// <summary>Models that are asked in the same way.</summary>
internal enum DashScopeFamily
{
    Qwen,
    CosyVoice,
    MiniMax,
}

/// <summary>One model that the provider serves.</summary>
/// <param name="Name">The provider's name of it; an operator may fix a dated snapshot, which begins the same.</param>
/// <param name="MostCharacters">Code points of one call.</param>
/// <param name="Regions">Where it is served.</param>
internal sealed record DashScopeModel(string Name, DashScopeFamily Family, int MostCharacters, params string[] Regions)
{
    public const string Beijing = "beijing";
    public const string Singapore = "singapore";

    /// <summary>The model that cloned voices of it are made for; null where there are none.</summary>
    public string? CloneTarget { get; init; }

    /// <summary>The same for designed voices.</summary>
    public string? DesignTarget { get; init; }

    /// <summary>Whether it follows a prompt in words.</summary>
    public bool TakesPrompt { get; init; }
}

/// <summary>
/// The provider's models by their AIR. Names and regions are those of its page on non-real-time synthesis; the limits of CosyVoice and MiniMax
/// are not on it, and both take more than a task may hold.
/// </summary>
internal static class DashScopeModels
{
    private const int QwenLimit = 600;
    private const int TaskLimit = 2000;
    private const string CloneModel = "qwen3-tts-vc-2026-01-22";
    private const string DesignModel = "qwen3-tts-vd-2026-01-26";

    private static readonly Dictionary<string, DashScopeModel> All = new(StringComparer.Ordinal)
    {
        ["alibaba:qwen@3-tts-flash"] = Qwen("qwen3-tts-flash") with { CloneTarget = CloneModel, DesignTarget = DesignModel },
        ["alibaba:qwen@3-tts-instruct-flash"] = Qwen("qwen3-tts-instruct-flash") with { TakesPrompt = true },
        ["alibaba:cosyvoice@3-flash"] = Cosy("cosyvoice-v3-flash"),
        ["alibaba:cosyvoice@3-plus"] = Cosy("cosyvoice-v3-plus"),
        ["alibaba:cosyvoice@3.5-flash"] = Cosy("cosyvoice-v3.5-flash"),
        ["alibaba:cosyvoice@3.5-plus"] = Cosy("cosyvoice-v3.5-plus"),
        ["minimax:speech@2.8-hd"] = MiniMax("MiniMax/speech-2.8-hd"),
        ["minimax:speech@2.8-turbo"] = MiniMax("MiniMax/speech-2.8-turbo"),
        ["minimax:speech@02-hd"] = MiniMax("MiniMax/speech-02-hd"),
        ["minimax:speech@02-turbo"] = MiniMax("MiniMax/speech-02-turbo"),

        // Not the model itself but namesakes of its voices. Served only where an instance names it in Serves.
        [NamesakesOf] = Qwen("qwen3-tts-flash"),
    };

    /// <summary>The open model whose voices have namesakes here.</summary>
    public const string NamesakesOf = "alibaba:qwen@3-tts-1.7b-customvoice";

    // The snapshot of September 2025 has fewer voices than its successor.
    private static readonly HashSet<string> EarlyVoices = new(StringComparer.Ordinal)
    {
        "Cherry", "Ethan", "Nofish", "Jennifer", "Ryan", "Katerina", "Elias", "Jada", "Dylan", "Li", "Marcus", "Roy", "Peter", "Sunny", "Eric",
        "Rocky", "Kiki",
    };

    public static DashScopeModel? Find(string air) => All.GetValueOrDefault(air);

    public static IEnumerable<string> Airs => All.Keys;

    /// <summary>Whether a snapshot has a voice of its model, by the provider's name of it.</summary>
    public static bool HasVoice(string snapshot, string voice) => snapshot != "qwen3-tts-flash-2025-09-18" || EarlyVoices.Contains(voice);

    private static DashScopeModel Qwen(string name) =>
        new(name, DashScopeFamily.Qwen, QwenLimit, DashScopeModel.Beijing, DashScopeModel.Singapore);

    private static DashScopeModel Cosy(string name) =>
        new(name, DashScopeFamily.CosyVoice, TaskLimit, DashScopeModel.Beijing) { CloneTarget = name, DesignTarget = name, TakesPrompt = true };

    private static DashScopeModel MiniMax(string name) => new(name, DashScopeFamily.MiniMax, TaskLimit, DashScopeModel.Beijing);
}
