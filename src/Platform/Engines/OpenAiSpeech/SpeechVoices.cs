using Platform.Engines.EspeakNg;

namespace Platform.Engines.OpenAiSpeech;

/// <summary>Which voices a server has, and what it calls them.</summary>
internal sealed class SpeechVoices(SpeechDialect dialect, EngineInstance instance)
{
    private const string Auto = "auto";

    /// <summary>The speakers of the CustomVoice checkpoints, which these servers call by the names of the contract.</summary>
    private static readonly HashSet<string> Presets = new(
        ["vivian", "serena", "uncle_fu", "dylan", "eric", "ryan", "aiden", "ono_anna", "sohee"], StringComparer.Ordinal);

    public bool Serves(string model, string voice)
    {
        if (instance.Serves.Count > 0 && !instance.Serves.Contains(model, StringComparer.Ordinal))
        {
            return false;
        }

        return SpeechNames.TaskOf(model) switch
        {
            // There is nobody to choose from: the recording or the description is the voice. A plain server knows neither.
            SpeechTask.Base or SpeechTask.VoiceDesign => dialect != SpeechDialect.Plain,
            _ when instance.Voices.Count > 0 => instance.Voices.ContainsKey(voice) || voice == Auto,
            _ => Presets.Contains(voice) || voice == Auto,
        };
    }

    /// <summary>The server's name for the request's voice; null where the model has no voices to name.</summary>
    public string? NameFor(SpeechRequest request)
    {
        if (SpeechNames.TaskOf(request.Model) != SpeechTask.CustomVoice)
        {
            return null;
        }

        var voice = request.Voice;
        if (voice == Auto && !instance.Voices.ContainsKey(Auto))
        {
            // The voice whose first language it is, as the embedded engine chooses.
            var usual = EspeakLanguage.Find(request.Language, request.Text)?.AutoVoice ?? "aiden";
            voice = instance.Voices.Count == 0 || instance.Voices.ContainsKey(usual) ? usual : instance.Voices.Keys.Order(StringComparer.Ordinal).First();
        }

        return instance.Voices.TryGetValue(voice, out var named) ? named : voice;
    }
}
