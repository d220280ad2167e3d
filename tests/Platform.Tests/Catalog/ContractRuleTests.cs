using Platform.Catalog;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>The table of rules in the contract's section 3, row by row, for both models. The bitrates are in <see cref="AudioTablesTests"/>.</summary>
public sealed class ContractRuleTests
{
    private const string Manifold = "https://example.com/{index}";

    [Theory]
    [InlineData("\"audioSettings\":{}", "unknownParameter audioSettings")]
    [InlineData("\"outputFormat\":\"WAV\",\"audioSettings\":{\"bitrate\":128}", "unknownParameter audioSettings")]
    public void Row_audioSettings_is_not_of_base(string members, string errors) => AssertBase(errors, members);

    [Theory]
    [InlineData("MP3", null)]
    [InlineData("OGG", null)]
    [InlineData("WAV", "unsupportedParameter audioSettings")]
    [InlineData("FLAC", "unsupportedParameter audioSettings")]
    public void Row_audioSettings_goes_with_the_lossy_formats_only(string format, string? errors) =>
        Assert.Equal(errors ?? "", Codes(SampleTask.Text($"\"outputFormat\":\"{format}\",\"audioSettings\":{{}}")));

    [Theory]
    [InlineData("WAV")]
    [InlineData("FLAC")]
    public void Row_wav_and_flac_keep_the_engines_rate_in_mono(string name)
    {
        var expected = new AudioTarget(AudioTables.FormatOf(name), SampleRate: 0, Channels: 1, BitrateKbps: 0);
        Assert.Equal(expected, SampleTask.AcceptedText(SampleTask.Text($"\"outputFormat\":\"{name}\"")).Target);
        Assert.Equal(expected, SampleTask.AcceptedText(SampleTask.BaseText($"\"outputFormat\":\"{name}\"")).Target);
    }

    [Fact]
    public void Row_outputFormat_has_ogg_for_custom_voice_only_and_mp3_by_default()
    {
        var mp3 = new AudioTarget(AudioFormat.Mp3, 44_100, 2, 128);
        Assert.Equal(mp3, SampleTask.AcceptedText(SampleTask.BaseText()).Target);
        Assert.Equal(mp3, SampleTask.AcceptedText(SampleTask.Text()).Target);
        Assert.Equal("", Codes(SampleTask.Text("\"outputFormat\":\"OGG\"")));
        var error = Assert.Single(SampleTask.CheckText(SampleTask.BaseText("\"outputFormat\":\"OGG\"")).Errors);
        Assert.Equal("invalidOutputFormat", error.Code);
        Assert.Equal(["MP3", "WAV", "FLAC"], error.AllowedValues);
    }

    [Theory]
    [InlineData("URL", "Url")]
    [InlineData("base64Data", "Base64Data")]
    [InlineData("dataURI", "DataUri")]
    public void Row_outputType_is_a_link_by_default(string name, string type)
    {
        Assert.Equal(type, $"{SampleTask.AcceptedText(SampleTask.BaseText($"\"outputType\":\"{name}\"")).OutputType}");
        Assert.Equal(OutputType.Url, SampleTask.AcceptedText(SampleTask.BaseText()).OutputType);
    }

    [Theory]
    [InlineData("\"ttl\":60", "")]
    [InlineData("\"ttl\":31536000", "")]
    [InlineData("\"ttl\":59", "invalidTtl ttl")]
    [InlineData("\"ttl\":31536001", "invalidTtl ttl")]
    [InlineData("\"ttl\":60,\"outputType\":\"base64Data\"", "unsupportedParameter ttl")]
    [InlineData("\"ttl\":60,\"outputType\":\"dataURI\"", "unsupportedParameter ttl")]
    public void Row_ttl_goes_with_a_link_only(string members, string errors)
    {
        AssertBase(errors, members);
        Assert.Equal(errors, Codes(SampleTask.Text(members)));
    }

    [Theory]
    [InlineData("auto vivian serena uncle_fu dylan eric ryan aiden ono_anna sohee", "")]
    [InlineData("clone Vivian AUTO nobody", "invalidSpeechVoice speech.voice")]
    public void Row_voice_of_custom_voice_is_a_preset(string voices, string errors) =>
        Assert.All(voices.Split(' '), voice => Assert.Equal(errors, Codes(SampleTask.Text("", $"\"voice\":\"{voice}\""))));

    [Theory]
    [InlineData("clone", "")]
    [InlineData("auto", "invalidSpeechVoice speech.voice")]
    [InlineData("Clone", "invalidSpeechVoice speech.voice")]
    [InlineData("vivian", "invalidSpeechVoice speech.voice")]
    public void Row_voice_of_base_is_clone(string voice, string errors) =>
        Assert.Equal(errors, Codes(SampleTask.BaseText().Replace("\"clone\"", $"\"{voice}\"", StringComparison.Ordinal)));

    [Fact]
    public void Row_voice_of_base_is_required()
    {
        var text = SampleTask.BaseText().Replace(",\"voice\":\"clone\"", "", StringComparison.Ordinal);
        var error = Assert.Single(SampleTask.CheckText(text).Errors);
        Assert.Equal(("missingSpeechVoice", "speech.voice"), (error.Code, error.Parameter));
        Assert.Equal(["clone"], error.AllowedValues);
    }

    [Fact]
    public void Row_language_is_one_of_eleven_names()
    {
        foreach (var name in "Auto Chinese English Japanese Korean German French Russian Portuguese Spanish Italian".Split(' '))
        {
            Assert.Equal(name, SampleTask.AcceptedText(SampleTask.BaseText("", $"\"language\":\"{name}\"")).Language);
            Assert.Equal(name, SampleTask.AcceptedText(SampleTask.Text("", $"\"language\":\"{name}\"")).Language);
        }

        Assert.Equal("Auto", SampleTask.AcceptedText(SampleTask.BaseText()).Language);
        AssertBase("invalidSpeechLanguage speech.language", speech: "\"language\":\"en\"");
    }

    [Theory]
    [InlineData("\"transcript\":\"What is said.\"", "")]
    [InlineData("\"transcript\":\"What is said.\",\"xVectorOnly\":true", "")]
    [InlineData("\"xVectorOnly\":true", "")]
    [InlineData("\"xVectorOnly\":false", "missingSettingsTranscript settings.transcript")]
    [InlineData("", "missingSettingsTranscript settings.transcript")]
    [InlineData("\"transcript\":\"\"", "invalidSettingsTranscript settings.transcript")]
    [InlineData("\"transcript\":null,\"xVectorOnly\":true", "invalidSettingsTranscript settings.transcript")]
    [InlineData("\"xVectorOnly\":\"true\"", "invalidSettingsXVectorOnly settings.xVectorOnly")]
    [InlineData("\"xVectorOnly\":1", "invalidSettingsXVectorOnly settings.xVectorOnly")]
    public void Row_transcript_is_required_unless_xVectorOnly(string settings, string errors) => AssertBase(errors, settings: settings);

    [Fact]
    public void Row_transcript_is_asked_for_even_without_settings_but_not_where_they_are_wrong()
    {
        var task = SampleTask.Parse(SampleTask.BaseText());
        task.Remove("settings");
        var error = Assert.Single(SampleTask.Catalog.Check(task).Errors);
        Assert.Equal(("missingSettingsTranscript", "settings.transcript", "string"), (error.Code, error.Parameter, error.Type));
        Assert.Equal("'settings.transcript' is required unless 'settings.xVectorOnly' is true.", error.Message);
        task["settings"] = 5;
        Assert.Equal("invalidSettings settings", SampleTask.Codes(SampleTask.Catalog.Check(task)));
    }

    [Theory]
    [InlineData("\"maxNewTokens\":1", 1)]
    [InlineData("\"maxNewTokens\":4096", 4096)]
    [InlineData("\"xVectorOnly\":true", 2048)]
    public void Row_maxNewTokens_is_2048_by_default(string settings, int tokens) =>
        Assert.Equal(tokens, SampleTask.AcceptedText(SampleTask.BaseText(settings: "\"transcript\":\"x\"," + settings)).MaxNewTokens);

    [Theory]
    [InlineData("4a9082fd-1865-4261-a0bc-c6cfe96001fc", "")]
    [InlineData("https://example.com/voice.wav", "")]
    [InlineData("data:audio/wav;base64,UklGRg==", "")]
    [InlineData("UklGRg==", "")]
    [InlineData("voice.wav", "invalidInputsAudio inputs.audio")]
    [InlineData("file:///etc/passwd", "invalidInputsAudio inputs.audio")]
    [InlineData("https://user:secret@example.com/voice.wav", "invalidInputsAudio inputs.audio")]
    [InlineData("", "invalidInputsAudio inputs.audio")]
    public void Row_inputs_audio_has_four_forms(string audio, string errors) =>
        Assert.Equal(errors, Codes(SampleTask.BaseText(audio: audio)));

    [Theory]
    [InlineData("\"inputs\":{}", "missingInputsAudio inputs.audio")]
    [InlineData("\"inputs\":null", "invalidInputs inputs")]
    [InlineData("\"inputs\":{\"audio\":[\"UklGRg==\"]}", "invalidInputsAudio inputs.audio")]
    [InlineData("\"inputs\":{\"audio\":null}", "invalidInputsAudio inputs.audio")]
    [InlineData("\"inputs\":{\"audio\":\"UklGRg==\",\"image\":1}", "unknownParameter inputs.image")]
    [InlineData("\"x\":1", "missingInputs inputs, unknownParameter x")]
    public void Row_inputs_audio_is_required(string members, string errors)
    {
        var whole = $"\"inputs\":{{\"audio\":\"{SampleTask.Uuid}\"}}";
        Assert.Equal(errors, Codes(SampleTask.BaseText().Replace(whole, members, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(1, 4, 20)]
    public void Row_numberResults_ends_at_4_and_20(int least, int custom, int clones)
    {
        Assert.Equal(least, SampleTask.AcceptedText(SampleTask.Text()).NumberResults);
        Assert.Equal(custom, SampleTask.AcceptedText(SampleTask.Text($"\"numberResults\":{custom}")).NumberResults);
        Assert.Equal(clones, SampleTask.AcceptedText(SampleTask.BaseText($"\"numberResults\":{clones}")).NumberResults);
        Assert.Equal("invalidNumberResults numberResults", Codes(SampleTask.Text($"\"numberResults\":{custom + 1}")));
        AssertBase("invalidNumberResults numberResults", $"\"numberResults\":{clones + 1}");
        AssertBase("invalidNumberResults numberResults", "\"numberResults\":0");
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("\"deliveryMethod\":\"async\"", true)]
    [InlineData("\"webhookURL\":\"https://example.com/hook\"", true)]
    [InlineData("\"webhookURL\":\"https://example.com/hook\",\"deliveryMethod\":\"sync\"", true)]
    public void Row_webhookURL_makes_the_submission_asynchronous(string members, bool isAsync)
    {
        Assert.Equal(isAsync, SampleTask.AcceptedText(SampleTask.Text(members)).IsAsync);
        Assert.Equal(isAsync, SampleTask.AcceptedText(SampleTask.BaseText(members)).IsAsync);
    }

    [Theory]
    [InlineData("webhookURL", "Webhook")]
    [InlineData("uploadEndpoint", "Upload")]
    public void Row_webhookURL_and_uploadEndpoint_are_http_urls_without_credentials(string name, string kind)
    {
        var spec = SampleTask.AcceptedText(SampleTask.BaseText($"\"{name}\":\"https://example.com/x?y=1\""));
        Assert.Equal("https://example.com/x?y=1", kind == "Webhook" ? spec.WebhookUrl : spec.UploadEndpoint);
        var endless = "https://example.com/" + new string('a', 8200);
        foreach (var wrong in new[] { "", "example.com", "ftp://example.com/", "https://a:b@example.com/", "https://exa mple.com/", endless })
        {
            var error = Assert.Single(SampleTask.CheckText(SampleTask.Text($"\"{name}\":\"{wrong}\"")).Errors);
            Assert.Equal((ErrorCodes.Invalid(name), name, "string"), (error.Code, error.Parameter, error.Type));
            Assert.True(error.Min == 1 && error.Max >= 2048);
        }
    }

    [Theory]
    [InlineData(1, "https://example.com/one", "")]
    [InlineData(2, Manifold, "")]
    [InlineData(2, "https://example.com/x?name={audioUUID}", "")]
    [InlineData(2, "https://example.com/one", "incompatibleParameters uploadEndpoint")]
    [InlineData(20, "https://example.com/{INDEX}", "incompatibleParameters uploadEndpoint")]
    [InlineData(2, "https://example.com/%7Bindex%7D", "incompatibleParameters uploadEndpoint")]
    [InlineData(21, "https://example.com/one", "invalidNumberResults numberResults")]
    [InlineData(2, "ftp://example.com/one", "invalidUploadEndpoint uploadEndpoint")]
    public void Row_uploadEndpoint_tells_several_results_apart(int results, string url, string errors) =>
        AssertBase(errors, $"\"numberResults\":{results},\"uploadEndpoint\":\"{url}\"");

    [Theory]
    [InlineData("\"outputFormat\":\"mp3\"", "")]
    [InlineData("\"outputFormat\":\"Flac\"", "")]
    [InlineData("\"outputType\":\"url\"", "invalidOutputType outputType")]
    [InlineData("\"deliveryMethod\":\"ASYNC\"", "invalidDeliveryMethod deliveryMethod")]
    public void Row_enum_values_are_case_sensitive_except_outputFormat(string members, string errors)
    {
        AssertBase(errors, members);
        Assert.Equal(errors, Codes(SampleTask.Text(members)));
    }

    [Fact]
    public void Everything_that_the_clone_model_was_sent_is_in_its_spec()
    {
        var spec = SampleTask.AcceptedText(SampleTask.BaseText(
            $"\"numberResults\":3,\"webhookURL\":\"http://example.com/h\",\"uploadEndpoint\":\"{Manifold}\"",
            "\"speed\":0.29",
            "\"transcript\":\"What is said.\"",
            "https://example.com/voice.wav"));
        Assert.Equal(
            ("http://example.com/h", Manifold, "https://example.com/voice.wav", "What is said.", false),
            (spec.WebhookUrl, spec.UploadEndpoint, spec.InputAudio, spec.Transcript, spec.XVectorOnly));
        Assert.Equal(("clone", 0.29m, null), (spec.Voice, spec.Speed, spec.Prompt));
        Assert.True(SampleTask.AcceptedText(SampleTask.BaseText()).XVectorOnly);
        var custom = SampleTask.AcceptedText(SampleTask.Text());
        Assert.Equal(
            (null, null, null, null, false),
            (custom.WebhookUrl, custom.UploadEndpoint, custom.InputAudio, custom.Transcript, custom.XVectorOnly));
    }

    private static void AssertBase(string errors, string members = "", string speech = "", string settings = "\"xVectorOnly\":true") =>
        Assert.Equal(errors, Codes(SampleTask.BaseText(members, speech, settings)));

    private static string Codes(string text) => SampleTask.Codes(SampleTask.CheckText(text));
}
