namespace Platform.Engines.OpenAiSpeech;

/// <summary>How servers of <c>POST /v1/audio/speech</c> differ beyond OpenAI's own fields.</summary>
internal enum SpeechDialect
{
    /// <summary>vLLM-Omni: task types, seed, cap; tokens counted in response headers.</summary>
    VllmOmni,

    /// <summary>SGLang-Omni: the same fields but for the timbre alone, and <c>X-Finish-Reason</c>.</summary>
    SglangOmni,

    /// <summary>OpenAI's own fields and no more: neither seed nor cap, and voices that the settings have to name.</summary>
    Plain,
}

/// <summary>What a model of Qwen3-TTS does with a request.</summary>
internal enum SpeechTask
{
    CustomVoice,
    VoiceDesign,
    Base,
}

/// <summary>The names that settings and models give them.</summary>
internal static class SpeechNames
{
    public const string Dialects = "vllm-omni, sglang-omni, openai";

    /// <summary>Null when there is no such dialect.</summary>
    public static SpeechDialect? DialectOf(string name) => name switch
    {
        "" or "vllm-omni" => SpeechDialect.VllmOmni,
        "sglang-omni" => SpeechDialect.SglangOmni,
        "openai" => SpeechDialect.Plain,
        _ => null,
    };

    /// <summary>The kind of checkpoint that a model's AIR names.</summary>
    public static SpeechTask TaskOf(string model) =>
        model.EndsWith("-base", StringComparison.Ordinal) ? SpeechTask.Base
        : model.EndsWith("-voicedesign", StringComparison.Ordinal) ? SpeechTask.VoiceDesign
        : SpeechTask.CustomVoice;
}
