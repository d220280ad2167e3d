using System.Text.Json.Nodes;

namespace Platform.Bench.Speech;

/// <summary>A request of <c>POST /v1/audio/speech</c> as vLLM-Omni documents it.</summary>
internal sealed record SpeechAsk
{
    private static readonly string[] Speakers =
        ["vivian", "serena", "uncle_fu", "dylan", "eric", "ryan", "aiden", "ono_anna", "sohee"];

    private static readonly string[] Languages =
        ["Auto", "Chinese", "English", "Japanese", "Korean", "German", "French", "Russian", "Portuguese", "Spanish", "Italian"];

    public required JsonObject Body { get; init; }

    public string Input => Text("input") ?? "";

    public string? Voice => Text("voice");

    public string Language => Text("language") ?? "Auto";

    public string Format => Text("response_format") ?? "wav";

    public string Task => Text("task_type") ?? (Text("ref_audio") is null ? "CustomVoice" : "Base");

    public string? Reference => Text("ref_audio");

    public string? Transcript => Text("ref_text");

    public string? Instructions => Text("instructions");

    public bool TimbreOnly => (bool?)Body["x_vector_only_mode"] ?? false;

    public long Seed => (long?)Body["seed"] ?? 0;

    public int MaxNewTokens => (int?)Body["max_new_tokens"] ?? 2048;

    public decimal Speed => (decimal?)Body["speed"] ?? 1;

    /// <summary>Why a server of this dialect would refuse it; null when it would not.</summary>
    public string? FindFault(string dialect) => dialect switch
    {
        "openai" => FindPlainFault(),
        _ when Input.Length == 0 => "input must not be empty",
        _ when !Languages.Contains(Language, StringComparer.Ordinal) => "language is not supported",
        _ when MaxNewTokens is < 1 or > 4096 => "max_new_tokens must be from 1 to 4096",
        _ when Speed != 1 => "the tests want speed 1",
        _ => Task switch
        {
            "Base" => FindBaseFault(dialect),
            "VoiceDesign" => Instructions is { Length: > 0 } ? null : "VoiceDesign needs instructions",
            "CustomVoice" when Reference is not null || Transcript is not null || TimbreOnly => "ref_audio and ref_text are for Base",
            "CustomVoice" => Voice is { } voice && Speakers.Contains(voice, StringComparer.Ordinal) ? null : "voice is not known",
            _ => "task_type is not known",
        },
    };

    private string? FindBaseFault(string dialect) =>
        Reference is null ? "ref_audio is needed"
        : Voice is not null ? "voice beside ref_audio breaks the server"
        : dialect == "sglang-omni" ? (TimbreOnly ? "x_vector_only_mode is not known" : null)
        : Transcript is null && !TimbreOnly ? "ref_text is needed unless x_vector_only_mode is set"
        : null;

    private string? FindPlainFault()
    {
        string[] known = ["model", "input", "voice", "response_format", "instructions", "speed"];
        return Body.Select(static member => member.Key).FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown
            ? $"{unknown} is not known"
            : Voice is "alloy" or "echo" or "onyx" ? null : "voice is not known";
    }

    private string? Text(string name) => (string?)Body[name];
}
