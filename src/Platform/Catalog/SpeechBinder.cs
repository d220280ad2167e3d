using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>
/// Turns a valid task into its typed form, absent fields filled with the schema's defaults. It checks nothing: a task that
/// was not checked makes it throw or read nonsense.
/// </summary>
internal sealed class SpeechBinder
{
    private readonly string _file;
    private readonly SchemaField _root;
    private readonly AudioSettingsRule _audio;
    private readonly SchemaField _taskUuid;
    private readonly SchemaField _model;
    private readonly SchemaField _outputType;
    private readonly SchemaField _delivery;
    private readonly SchemaField _ttl;
    private readonly SchemaField _includeCost;
    private readonly SchemaField _numberResults;
    private readonly SchemaField _text;
    private readonly SchemaField _voice;
    private readonly SchemaField _language;
    private readonly SchemaField _speed;
    private readonly SchemaField? _maxNewTokens;
    private readonly SchemaField? _prompt;
    private readonly SchemaField? _webhook;
    private readonly SchemaField? _upload;
    private readonly SchemaField? _input;
    private readonly SchemaField? _transcript;
    private readonly SchemaField? _xVectorOnly;
    private readonly SchemaField? _optimize;
    private readonly SchemaField? _emotion;
    private readonly SchemaField? _pitch;
    private readonly SchemaField? _volume;

    /// <exception cref="InvalidDataException">The schema lacks a field that every speech model has.</exception>
    public SpeechBinder(string file, SchemaField root, AudioSettingsRule audio)
    {
        _file = file;
        _root = root;
        _audio = audio;
        _taskUuid = Needed("taskUUID");
        _model = Needed("model");
        _outputType = Needed("outputType");
        _delivery = Needed("deliveryMethod");
        _ttl = Needed("ttl");
        _includeCost = Needed("includeCost");
        _numberResults = Needed("numberResults");
        _text = Needed("speech.text");
        _voice = Needed("speech.voice");
        _language = Needed("speech.language");
        _speed = Needed("speech.speed");
        _maxNewTokens = root.Find("settings.maxNewTokens");
        _prompt = root.Find("positivePrompt");
        _webhook = root.Find("webhookURL");
        _upload = root.Find("uploadEndpoint");
        _input = root.Find("inputs.audio");
        _transcript = root.Find("settings.transcript");
        _xVectorOnly = root.Find("settings.xVectorOnly");
        _optimize = root.Find("settings.optimizeInstructions");
        _emotion = root.Find("settings.emotion");
        _pitch = root.Find("settings.pitch");
        _volume = root.Find("settings.volume");
    }

    public SpeechSpec Bind(JObject task)
    {
        var text = Text(_text, task);
        var webhook = (string?)_webhook?.Value(task);
        return new SpeechSpec
        {
            TaskUuid = Text(_taskUuid, task),
            Model = Text(_model, task),
            OutputType = OutputTypeOf(Text(_outputType, task)),
            Target = _audio.Choose(task).Target ?? throw new InvalidOperationException("The task's audio settings are outside the tables."),
            IsAsync = webhook is not null || Text(_delivery, task) is "async",
            Ttl = TimeSpan.FromSeconds((long)_ttl.Value(task)!),
            IncludeCost = (bool)_includeCost.Value(task)!,
            NumberResults = (int)_numberResults.Value(task)!,
            Prompt = (string?)_prompt?.Value(task),
            WebhookUrl = webhook,
            UploadEndpoint = (string?)_upload?.Value(task),
            InputAudio = (string?)_input?.Value(task),
            Transcript = (string?)_transcript?.Value(task),
            XVectorOnly = (bool?)_xVectorOnly?.Value(task) ?? false,
            Text = text,
            TextLength = FieldCheck.CodePoints(text),
            Voice = Text(_voice, task),
            Language = Text(_language, task),
            Speed = (decimal)_speed.Value(task)!,
            MaxNewTokens = (int?)_maxNewTokens?.Value(task) ?? SpeechSpec.Uncapped,
            OptimizePrompt = (bool?)_optimize?.Value(task) ?? false,
            Emotion = (string?)_emotion?.Value(task),
            Pitch = (int?)_pitch?.Value(task) ?? 0,
            Volume = (decimal?)_volume?.Value(task) ?? 1,
        };
    }

    /// <summary>The kind of handover that a value of <c>outputType</c> names.</summary>
    /// <exception cref="ArgumentException">No such kind: the schema allows a value that the code does not know.</exception>
    public static OutputType OutputTypeOf(string name) => name switch
    {
        "URL" => OutputType.Url,
        "base64Data" => OutputType.Base64Data,
        "dataURI" => OutputType.DataUri,
        _ => throw new ArgumentException("There is no output type of this name.", nameof(name)),
    };

    private static string Text(SchemaField field, JObject task) => (string)field.Value(task)!;

    private SchemaField Needed(string path) =>
        _root.Find(path) ?? throw new InvalidDataException($"{_file} has no field '{path}', which every speech model needs.");
}
