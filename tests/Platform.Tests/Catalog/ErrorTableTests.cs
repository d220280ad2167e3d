using System.Reflection;
using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class ErrorTableTests
{
    private const string Row = "{\"code\":\"x\",\"status\":400,\"meaning\":\"m\",\"remedy\":\"r\"}";

    private static readonly ErrorTable s_table = ErrorTable.Load(SchemaFiles.Embedded());

    [Fact]
    public void Constants_and_file_hold_the_same_codes()
    {
        var constants = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.IsLiteral)
            .ToDictionary(field => field.Name, field => (string)field.GetRawConstantValue()!, StringComparer.Ordinal);
        Assert.Equal(
            string.Join(' ', s_table.Rows.Where(row => !row.IsPattern).Select(row => row.Code).Order(StringComparer.Ordinal)),
            string.Join(' ', constants.Values.Order(StringComparer.Ordinal)));
        Assert.All(constants, pair => Assert.Equal(pair.Key, char.ToUpperInvariant(pair.Value[0]) + pair.Value[1..]));
        Assert.Equal("missing* invalid*", string.Join(' ', s_table.Rows.Where(row => row.IsPattern).Select(row => row.Code)));
    }

    [Theory]
    [InlineData(400, "unknownParameter unsupportedParameter incompatibleParameters unsupportedTaskType")]
    [InlineData(400, "invalidTaskUUID conflictTaskUUID invalidJson arrayTooLong")]
    [InlineData(400, "downloadFailed uploadFailed inferenceError contentPolicyViolation taskCancelled providerTimeout syncTimeout")]
    [InlineData(400, "missingSpeechText invalidSpeechVoice invalidAudioSettingsBitrate missingTaskUUID")]
    [InlineData(401, "invalidApiKey missingApiKey")]
    [InlineData(402, "insufficientCredits")]
    [InlineData(403, "permissionDenied accountSuspended")]
    [InlineData(404, "modelNotFound taskNotFound mediaNotFound mediaExpired")]
    [InlineData(409, "taskAlreadyFinished")]
    [InlineData(413, "payloadTooLarge")]
    [InlineData(429, "rateLimitExceeded maxConcurrentTasksReached")]
    [InlineData(500, "internalServerError")]
    [InlineData(503, "serviceUnavailable")]
    public void Gives_the_status_of_the_contract(int status, string codes) =>
        Assert.All(codes.Split(' '), code => Assert.Equal(status, s_table.StatusOf(code)));

    [Theory]
    [InlineData("inventedCode")]
    [InlineData("")]
    [InlineData("InvalidJson")]
    [InlineData("missing")]
    public void Throws_for_a_code_outside_the_closed_list(string code) => Assert.Throws<ArgumentException>(() => s_table.StatusOf(code));

    [Theory]
    [InlineData("speech.text", "missingSpeechText", "invalidSpeechText")]
    [InlineData("taskUUID", "missingTaskUUID", "invalidTaskUUID")]
    [InlineData("audioSettings.sampleRate", "missingAudioSettingsSampleRate", "invalidAudioSettingsSampleRate")]
    [InlineData("ttl", "missingTtl", "invalidTtl")]
    public void Makes_codes_from_paths(string path, string missing, string invalid)
    {
        Assert.Equal(missing, ErrorCodes.Missing(path));
        Assert.Equal(invalid, ErrorCodes.Invalid(path));
    }

    [Theory]
    [InlineData("[{\"code\":\"x\",\"status\":200,\"meaning\":\"m\",\"remedy\":\"r\"}]", "the row 'x'")]
    [InlineData("[{\"code\":\"x\",\"status\":\"400\",\"meaning\":\"m\",\"remedy\":\"r\"}]", "the row 'x'")]
    [InlineData("[{\"code\":\"x\",\"status\":400,\"meaning\":\"\",\"remedy\":\"r\"}]", "the row 'x'")]
    [InlineData("[{\"status\":400}]", "the row ''")]
    [InlineData("[" + Row + "," + Row + "]", "'x' twice")]
    [InlineData("[", "cannot be read")]
    public void Refuses_a_broken_file_and_says_where(string text, string message)
    {
        var files = SchemaFiles.Embedded().With("schemas/errors.json", text);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => ErrorTable.Load(files)).Message, StringComparison.Ordinal);
    }
}
