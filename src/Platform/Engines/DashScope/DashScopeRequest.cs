using System.Text.Json.Nodes;

namespace Platform.Engines.DashScope;

/// <summary>The body of one call and the path that it goes to.</summary>
internal sealed record DashScopeRequest(string Path, JsonObject Body, bool IsStream)
{
    private const string Generation = "/api/v1/services/aigc/multimodal-generation/generation";
    private const string CosySpeech = "/api/v1/services/audio/tts/SpeechSynthesizer";

    /// <summary>CosyVoice's seed is a number of this size in its documents.</summary>
    private const int Seeds = 65_536;

    /// <summary>What is asked of the provider for one part of a text.</summary>
    /// <param name="name">The model as the provider names it, snapshot included.</param>
    /// <param name="voice">As the provider spells it.</param>
    public static DashScopeRequest Of(DashScopeOptions options, DashScopeFamily family, string name, string voice, SpeechRequest part) => family switch
    {
        DashScopeFamily.CosyVoice => Cosy(options, name, voice, part),
        DashScopeFamily.MiniMax => MiniMax(options, name, voice, part),
        _ => Qwen(options, name, voice, part),
    };

    private static DashScopeRequest Qwen(DashScopeOptions options, string name, string voice, SpeechRequest part)
    {
        var input = new JsonObject { ["text"] = part.Text, ["voice"] = voice, ["language_type"] = part.Language };
        var body = new JsonObject { ["model"] = name, ["input"] = input };
        if (!string.IsNullOrWhiteSpace(part.Prompt))
        {
            var place = input;
            if (options.InstructionsIn == "parameters")
            {
                body["parameters"] = place = [];
            }

            place["instructions"] = part.Prompt;
            place["optimize_instructions"] = part.OptimizePrompt;
        }

        return new DashScopeRequest(Generation, body, options.Stream);
    }

    private static DashScopeRequest Cosy(DashScopeOptions options, string name, string voice, SpeechRequest part)
    {
        var input = new JsonObject
        {
            ["text"] = part.Text,
            ["voice"] = voice,
            ["format"] = options.Stream ? "pcm" : "wav",
            ["sample_rate"] = DashScopeAudio.Rate,
            ["seed"] = part.Seed % Seeds,
        };
        if (LanguageCode(part.Language) is { } code)
        {
            input["language_hints"] = new JsonArray(code);
        }

        if (!string.IsNullOrWhiteSpace(part.Prompt))
        {
            input["instruction"] = part.Prompt;
        }

        return new DashScopeRequest(CosySpeech, new JsonObject { ["model"] = name, ["input"] = input }, options.Stream);
    }

    // Never as a stream: nothing that was read says how MiniMax's pieces are written.
    private static DashScopeRequest MiniMax(DashScopeOptions options, string name, string voice, SpeechRequest part)
    {
        var manner = new JsonObject { ["voice_id"] = voice, ["speed"] = 1, ["vol"] = part.Volume, ["pitch"] = part.Pitch };
        if (part.Emotion is not null)
        {
            manner["emotion"] = part.Emotion;
        }

        var file = new JsonObject { ["sample_rate"] = 32_000, ["bitrate"] = 128_000, ["format"] = options.MiniMaxFormat, ["channel"] = 1 };
        var input = new JsonObject { ["text"] = part.Text, ["voice_setting"] = manner, ["audio_setting"] = file };
        return new DashScopeRequest(Generation, new JsonObject { ["model"] = name, ["input"] = input }, IsStream: false);
    }

    /// <summary>The two letters of a language; null for <c>Auto</c>.</summary>
    public static string? LanguageCode(string language) => language switch
    {
        "Chinese" => "zh",
        "English" => "en",
        "Japanese" => "ja",
        "Korean" => "ko",
        "German" => "de",
        "French" => "fr",
        "Russian" => "ru",
        "Portuguese" => "pt",
        "Spanish" => "es",
        "Italian" => "it",
        _ => null,
    };
}
