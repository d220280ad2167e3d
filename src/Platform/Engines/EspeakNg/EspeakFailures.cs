namespace Platform.Engines.EspeakNg;

/// <summary>
/// Every way in which espeak-ng gives no audio. What lies in the machine may go well elsewhere; what lies in the
/// request will not.
/// </summary>
internal static class EspeakFailures
{
    public static readonly EngineFailure NotStarted =
        new("start", "not-started", "The speech engine could not be started.", RetryHelps: true);

    public static readonly EngineFailure Killed =
        new("speak", "killed", "The speech engine was stopped before it had finished.", RetryHelps: true);

    public static readonly EngineFailure Exit =
        new("speak", "exit", "The speech engine ended with an error.", RetryHelps: true);

    public static readonly EngineFailure NotWave =
        new("read", "not-wave", "The speech engine gave something other than audio.", RetryHelps: true);

    public static readonly EngineFailure Empty =
        new("read", "empty", "The speech engine found nothing to say in the text. Send words: marks and symbols alone have no sound.", RetryHelps: false);

    public static readonly EngineFailure Kana =
        new("start", "kana", "The Japanese text could not be read, as the kana reader did not run.", RetryHelps: true);

    public static readonly EngineFailure UnknownVoice =
        new("start", "unknown-voice", "The speech engine does not have this voice. GET /v1/voices lists those there are.", RetryHelps: false);

    public static readonly EngineFailure UnknownLanguage =
        new("start", "unknown-language", "The speech engine does not speak this language. GET /v1/voices lists each voice's languages.", RetryHelps: false);
}
