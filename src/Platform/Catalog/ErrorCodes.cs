namespace Platform.Catalog;

/// <summary>
/// The codes of <c>schemas/errors.json</c>, the closed list. Beside them stand <c>missing&lt;Path&gt;</c> and <c>invalid&lt;Path&gt;</c>,
/// which are made from a field's path.
/// </summary>
internal static class ErrorCodes
{
    public const string InvalidJson = "invalidJson";
    public const string ArrayTooLong = "arrayTooLong";
    public const string PayloadTooLarge = "payloadTooLarge";
    public const string UnknownParameter = "unknownParameter";
    public const string UnsupportedParameter = "unsupportedParameter";
    public const string IncompatibleParameters = "incompatibleParameters";
    public const string UnsupportedTaskType = "unsupportedTaskType";
    public const string InvalidTaskUUID = "invalidTaskUUID";
    public const string ConflictTaskUUID = "conflictTaskUUID";
    public const string InvalidApiKey = "invalidApiKey";
    public const string MissingApiKey = "missingApiKey";
    public const string InsufficientCredits = "insufficientCredits";
    public const string PermissionDenied = "permissionDenied";
    public const string AccountSuspended = "accountSuspended";
    public const string ModelNotFound = "modelNotFound";
    public const string TaskNotFound = "taskNotFound";
    public const string MediaNotFound = "mediaNotFound";
    public const string MediaExpired = "mediaExpired";
    public const string TaskAlreadyFinished = "taskAlreadyFinished";
    public const string RateLimitExceeded = "rateLimitExceeded";
    public const string MaxConcurrentTasksReached = "maxConcurrentTasksReached";
    public const string DownloadFailed = "downloadFailed";
    public const string UploadFailed = "uploadFailed";
    public const string InferenceError = "inferenceError";
    public const string ContentPolicyViolation = "contentPolicyViolation";
    public const string TaskCancelled = "taskCancelled";
    public const string ProviderTimeout = "providerTimeout";
    public const string SyncTimeout = "syncTimeout";
    public const string InternalServerError = "internalServerError";
    public const string ServiceUnavailable = "serviceUnavailable";

    /// <summary><c>speech.text</c> gives <c>missingSpeechText</c>.</summary>
    public static string Missing(string path) => "missing" + Pascal(path);

    /// <summary><c>speech.voice</c> gives <c>invalidSpeechVoice</c>.</summary>
    public static string Invalid(string path) => "invalid" + Pascal(path);

    /// <summary>The code as metrics count it: those that are made from paths are two.</summary>
    public static string Group(string code) => code switch
    {
        InvalidJson or InvalidTaskUUID or InvalidApiKey or MissingApiKey => code,
        _ when code.StartsWith("missing", StringComparison.Ordinal) => "missingParameter",
        _ when code.StartsWith("invalid", StringComparison.Ordinal) => "invalidParameter",
        _ => code,
    };

    private static string Pascal(string path) =>
        string.Concat(path.Split('.').Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}
