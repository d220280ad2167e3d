using Platform.Catalog;
using Platform.Media;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class ModelTests
{
    [Fact]
    public void Fills_every_default_of_a_minimal_task()
    {
        var spec = SampleTask.Accepted();
        Assert.Equal(SampleTask.Air, spec.Model);
        Assert.Equal(OutputType.Url, spec.OutputType);
        Assert.Equal(new AudioTarget(AudioFormat.Mp3, 44_100, 2, 128), spec.Target);
        Assert.False(spec.IsAsync);
        Assert.Equal(TimeSpan.FromDays(7), spec.Ttl);
        Assert.False(spec.IncludeCost);
        Assert.Equal(1, spec.NumberResults);
        Assert.Null(spec.Prompt);
        Assert.Equal("Hello there.", spec.Text);
        Assert.Equal(12, spec.TextLength);
        Assert.Equal("auto", spec.Voice);
        Assert.Equal("Auto", spec.Language);
        Assert.Equal(1m, spec.Speed);
        Assert.Equal(2048, spec.MaxNewTokens);
    }

    [Fact]
    public void Keeps_every_explicit_value()
    {
        var spec = SampleTask.Accepted(
            """
            "outputType":"URL","outputFormat":"ogg","audioSettings":{"sampleRate":16000,"bitrate":96,"channels":1},"deliveryMethod":"async",
            "ttl":60,"includeCost":true,"numberResults":4,"positivePrompt":"","settings":{"maxNewTokens":1}
            """,
            "\"voice\":\"uncle_fu\",\"language\":\"Chinese\",\"speed\":0.25");
        Assert.Equal(new AudioTarget(AudioFormat.Ogg, 16_000, 1, 96), spec.Target);
        Assert.True(spec.IsAsync);
        Assert.Equal(TimeSpan.FromSeconds(60), spec.Ttl);
        Assert.True(spec.IncludeCost);
        Assert.Equal(4, spec.NumberResults);
        Assert.Equal("", spec.Prompt);
        Assert.Equal("uncle_fu", spec.Voice);
        Assert.Equal("Chinese", spec.Language);
        Assert.Equal(0.25m, spec.Speed);
        Assert.Equal(1, spec.MaxNewTokens);
    }

    [Theory]
    [InlineData("\"outputType\":\"url\"", "invalidOutputType", "outputType", "string")]
    [InlineData("\"outputType\":null", "invalidOutputType", "outputType", "string")]
    [InlineData("\"outputFormat\":\"AAC\"", "invalidOutputFormat", "outputFormat", "string")]
    [InlineData("\"outputFormat\":1", "invalidOutputFormat", "outputFormat", "string")]
    [InlineData("\"deliveryMethod\":\"Async\"", "invalidDeliveryMethod", "deliveryMethod", "string")]
    [InlineData("\"ttl\":59", "invalidTtl", "ttl", "integer")]
    [InlineData("\"ttl\":31536001", "invalidTtl", "ttl", "integer")]
    [InlineData("\"ttl\":60.5", "invalidTtl", "ttl", "integer")]
    [InlineData("\"ttl\":\"60\"", "invalidTtl", "ttl", "integer")]
    [InlineData("\"ttl\":null", "invalidTtl", "ttl", "integer")]
    [InlineData("\"includeCost\":\"true\"", "invalidIncludeCost", "includeCost", "boolean")]
    [InlineData("\"includeCost\":1", "invalidIncludeCost", "includeCost", "boolean")]
    [InlineData("\"includeCost\":null", "invalidIncludeCost", "includeCost", "boolean")]
    [InlineData("\"numberResults\":0", "invalidNumberResults", "numberResults", "integer")]
    [InlineData("\"numberResults\":5", "invalidNumberResults", "numberResults", "integer")]
    [InlineData("\"numberResults\":1.5", "invalidNumberResults", "numberResults", "integer")]
    [InlineData("\"numberResults\":\"1\"", "invalidNumberResults", "numberResults", "integer")]
    [InlineData("\"numberResults\":1e400", "invalidNumberResults", "numberResults", "integer")]
    [InlineData("\"numberResults\":true", "invalidNumberResults", "numberResults", "integer")]
    [InlineData("\"positivePrompt\":7", "invalidPositivePrompt", "positivePrompt", "string")]
    [InlineData("\"positivePrompt\":\"a\\u0000b\"", "invalidPositivePrompt", "positivePrompt", "string")]
    [InlineData("\"settings\":null", "invalidSettings", "settings", "object")]
    [InlineData("\"settings\":[]", "invalidSettings", "settings", "object")]
    [InlineData("\"settings\":{\"maxNewTokens\":0}", "invalidSettingsMaxNewTokens", "settings.maxNewTokens", "integer")]
    [InlineData("\"settings\":{\"maxNewTokens\":4097}", "invalidSettingsMaxNewTokens", "settings.maxNewTokens", "integer")]
    [InlineData("\"audioSettings\":\"high\"", "invalidAudioSettings", "audioSettings", "object")]
    [InlineData("\"audioSettings\":{\"channels\":3}", "invalidAudioSettingsChannels", "audioSettings.channels", "integer")]
    [InlineData("\"audioSettings\":{\"channels\":\"1\"}", "invalidAudioSettingsChannels", "audioSettings.channels", "integer")]
    public void Refuses_a_wrong_value_with_the_code_of_its_path(string members, string code, string parameter, string type)
    {
        var error = SampleTask.Refused(members);
        Assert.Equal(code, error.Code);
        Assert.Equal(parameter, error.Parameter);
        Assert.Equal(type, error.Type);
        Assert.StartsWith($"'{parameter}' must be ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"voice\":\"Vivian\"", "invalidSpeechVoice", "speech.voice")]
    [InlineData("\"voice\":\"clone\"", "invalidSpeechVoice", "speech.voice")]
    [InlineData("\"voice\":null", "invalidSpeechVoice", "speech.voice")]
    [InlineData("\"voice\":{\"auto\":1}", "invalidSpeechVoice", "speech.voice")]
    [InlineData("\"voice\":[\"auto\"]", "invalidSpeechVoice", "speech.voice")]
    [InlineData("\"language\":\"english\"", "invalidSpeechLanguage", "speech.language")]
    [InlineData("\"language\":\"\"", "invalidSpeechLanguage", "speech.language")]
    [InlineData("\"speed\":0.24", "invalidSpeechSpeed", "speech.speed")]
    [InlineData("\"speed\":4.01", "invalidSpeechSpeed", "speech.speed")]
    [InlineData("\"speed\":0.975", "invalidSpeechSpeed", "speech.speed")]
    [InlineData("\"speed\":\"1\"", "invalidSpeechSpeed", "speech.speed")]
    [InlineData("\"speed\":1e400", "invalidSpeechSpeed", "speech.speed")]
    [InlineData("\"speed\":0.9700000000000000000000000000000000000001", "invalidSpeechSpeed", "speech.speed")]
    public void Refuses_a_wrong_value_of_speech(string speech, string code, string parameter)
    {
        var error = SampleTask.Refused("", speech);
        Assert.Equal(code, error.Code);
        Assert.Equal(parameter, error.Parameter);
    }

    [Fact]
    public void Takes_every_hundredth_of_a_speed_from_a_quarter_to_four()
    {
        for (var hundredths = 25; hundredths <= 400; hundredths++)
        {
            var speed = hundredths / 100m;
            Assert.Equal(speed, SampleTask.Accepted("", $"\"speed\":{speed}").Speed);
            Assert.Equal("invalidSpeechSpeed", SampleTask.Refused("", $"\"speed\":{speed + 0.001m}").Code);
        }
    }

    [Theory]
    [InlineData("\"numberResults\":2.0")]
    [InlineData("\"numberResults\":2e0")]
    public void Takes_a_number_without_a_fraction_as_an_integer(string members) =>
        Assert.Equal(2, SampleTask.Accepted(members).NumberResults);

    [Theory]
    [InlineData("mp3", "Mp3")]
    [InlineData("Wav", "Wav")]
    [InlineData("flaC", "Flac")]
    [InlineData("OGG", "Ogg")]
    public void Ignores_case_in_the_output_format_only(string sent, string format) =>
        Assert.Equal(format, SampleTask.Accepted($"\"outputFormat\":\"{sent}\"").Target.Format.ToString());

    [Theory]
    [InlineData("taskType", "missingTaskType")]
    [InlineData("taskUUID", "missingTaskUUID")]
    [InlineData("model", "missingModel")]
    [InlineData("speech", "missingSpeech")]
    public void Names_a_missing_field(string name, string code)
    {
        var task = SampleTask.Parse(SampleTask.Text());
        task.Remove(name);
        var error = Assert.Single(SampleTask.Model.Check(task).Errors);
        Assert.Equal(code, error.Code);
        Assert.Equal(name, error.Parameter);
    }

    [Fact]
    public void Asks_for_the_text_only_where_speech_is_an_object()
    {
        var task = SampleTask.Parse(SampleTask.Text());
        task["speech"] = 5;
        Assert.Equal("invalidSpeech speech", SampleTask.Codes(SampleTask.Model.Check(task)));
        task["speech"] = SampleTask.Parse("{}");
        var error = Assert.Single(SampleTask.Model.Check(task).Errors);
        Assert.Equal("missingSpeechText", error.Code);
        Assert.Equal("speech.text", error.Parameter);
        Assert.Equal(1m, error.Min);
        Assert.Equal(2000m, error.Max);
    }

    [Theory]
    [InlineData("4a9082fd-1865-1261-a0bc-c6cfe96001fc")]
    [InlineData("4a9082fd-1865-4261-c0bc-c6cfe96001fc")]
    [InlineData("4a9082fd-1865-4261-70bc-c6cfe96001fc")]
    [InlineData("4a9082fd18654261a0bcc6cfe96001fc")]
    [InlineData("{4a9082fd-1865-4261-a0bc-c6cfe96001fc}")]
    [InlineData(" 4a9082fd-1865-4261-a0bc-c6cfe96001fc")]
    [InlineData("4a9082fd-1865-4261-a0bc-c6cfe96001fc\\n")]
    [InlineData("0x9082fd-1865-4261-a0bc-c6cfe96001fc")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("")]
    public void Refuses_a_task_uuid_that_is_not_version_four(string uuid)
    {
        var task = SampleTask.Parse(SampleTask.Text().Replace(SampleTask.Uuid, uuid, StringComparison.Ordinal));
        Assert.Equal("invalidTaskUUID", Assert.Single(SampleTask.Model.Check(task).Errors).Code);
        Assert.False(TaskUuid.TryParse(uuid.Replace("\\n", "\n", StringComparison.Ordinal), out _));
    }

    [Fact]
    public void Judges_random_task_uuids_by_schema_and_by_code_alike()
    {
        var random = new Random(4);
        var task = SampleTask.Parse(SampleTask.Text());
        for (var round = 0; round < 2_000; round++)
        {
            var text = SampleTask.Uuid.ToCharArray();
            text[random.Next(text.Length)] = "0189abcdefABCF-gx+ "[random.Next(19)];
            task["taskUUID"] = new string(text);
            Assert.Equal(TaskUuid.TryParse(new string(text), out _), SampleTask.Model.Check(task).IsAccepted);
        }
    }

    [Fact]
    public void Counts_the_text_in_code_points()
    {
        Assert.Equal(2000, WithText(string.Concat(Enumerable.Repeat("😀", 2000))).Spec?.TextLength);
        Assert.Equal(2000, WithText(new string('字', 1999) + "𠮷").Spec?.TextLength);
        Assert.Equal("invalidSpeechText speech.text", SampleTask.Codes(WithText(string.Concat(Enumerable.Repeat("😀", 2001)))));
        Assert.Equal("invalidSpeechText speech.text", SampleTask.Codes(WithText(new string('a', 2001))));
        Assert.Equal("invalidSpeechText speech.text", SampleTask.Codes(WithText("")));
        Assert.Equal(1, WithText(" ").Spec?.TextLength);
    }

    [Fact]
    public void Refuses_a_text_with_a_nul_which_engines_would_cut_there() =>
        Assert.Equal("invalidSpeechText speech.text", SampleTask.Codes(WithText("before\0after")));

    [Theory]
    [InlineData("\"webhookUrl\":\"https://example.com\"", "", "webhookUrl")]
    [InlineData("\"inputs\":{\"audio\":\"https://example.com\"}", "", "inputs")]
    [InlineData("\"TTL\":60", "", "TTL")]
    [InlineData("\"speech.text\":\"x\"", "", "speech.text")]
    [InlineData("\"\":1", "", "")]
    [InlineData("", "\"pitch\":{\"deep\":[1e400]}", "speech.pitch")]
    [InlineData("\"settings\":{\"transcript\":\"x\"}", "", "settings.transcript")]
    [InlineData("\"audioSettings\":{\"quality\":9}", "", "audioSettings.quality")]
    public void Calls_a_field_that_it_has_not_unknown_at_every_depth(string members, string speech, string parameter)
    {
        var error = SampleTask.Refused(members, speech);
        Assert.Equal("unknownParameter", error.Code);
        Assert.Equal(parameter, error.Parameter);
    }

    [Fact]
    public void Shortens_a_very_long_unknown_name_between_characters()
    {
        var error = SampleTask.Refused($"\"{new string('x', 99)}{string.Concat(Enumerable.Repeat("😀", 9_000))}\":1");
        Assert.Equal(new string('x', 99), error.Parameter);
    }

    [Fact]
    public void Gives_at_most_a_hundred_errors()
    {
        var many = string.Join(",", Enumerable.Range(0, 5_000).Select(number => $"\"x{number}\":1"));
        var outcome = SampleTask.Check(many);
        Assert.Equal(100, outcome.Errors.Count);
        Assert.Equal("x0", outcome.Errors[0].Parameter);
        Assert.Equal("x99", outcome.Errors[99].Parameter);
    }

    [Fact]
    public void Lists_all_errors_in_the_order_of_the_schema_then_the_unknown_then_the_rules()
    {
        var task = SampleTask.Parse(
            """
            {"zebra":1,"speech":{"extra":1,"speed":9,"voice":"nobody"},"ttl":60,"numberResults":"3","ant":2,
             "outputType":"dataURI","model":"alibaba:qwen@3-tts-1.7b-customvoice","taskUUID":"no","outputFormat":"WAV","audioSettings":{}}
            """);
        string[] expected =
        [
            "missingTaskType taskType", "invalidTaskUUID taskUUID", "invalidNumberResults numberResults", "missingSpeechText speech.text",
            "invalidSpeechVoice speech.voice", "invalidSpeechSpeed speech.speed", "unknownParameter speech.extra", "unknownParameter zebra",
            "unknownParameter ant", "unsupportedParameter audioSettings", "unsupportedParameter ttl",
        ];
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(string.Join(", ", expected), SampleTask.Codes(SampleTask.Model.Check(task)));
        }
    }

    [Fact]
    public void Says_what_was_expected_and_never_what_was_sent()
    {
        const string Voices = "auto, vivian, serena, uncle_fu, dylan, eric, ryan, aiden, ono_anna, sohee";
        var voice = SampleTask.Refused("", "\"voice\":\"sesame\"");
        Assert.Equal($"'speech.voice' must be one of {Voices}.", voice.Message);
        Assert.Equal(10, voice.AllowedValues!.Count);
        var speed = SampleTask.Refused("", "\"speed\":77.7");
        Assert.Equal("'speech.speed' must be a number from 0.25 to 4 in steps of 0.01.", speed.Message);
        Assert.Equal((0.25m, 4m), (speed.Min, speed.Max));
        Assert.Equal("'numberResults' must be an integer from 1 to 4.", SampleTask.Refused("\"numberResults\":77").Message);
        Assert.Equal("'includeCost' must be true or false.", SampleTask.Refused("\"includeCost\":77").Message);
        Assert.Equal("'taskUUID' must be a version 4 UUID.", WithUuid("sesame").Message);
    }

    [Theory]
    [InlineData("\"outputType\":\"base64Data\",\"ttl\":60", "ttl")]
    [InlineData("\"ttl\":60,\"outputType\":\"dataURI\"", "ttl")]
    [InlineData("\"outputFormat\":\"WAV\",\"audioSettings\":{}", "audioSettings")]
    [InlineData("\"outputFormat\":\"flac\",\"audioSettings\":{\"bitrate\":128}", "audioSettings")]
    public void Calls_a_field_in_the_wrong_company_unsupported(string members, string parameter)
    {
        var error = SampleTask.Refused(members);
        Assert.Equal("unsupportedParameter", error.Code);
        Assert.Equal(parameter, error.Parameter);
    }

    [Theory]
    [InlineData("\"outputType\":\"URLs\",\"ttl\":60", "invalidOutputType")]
    [InlineData("\"outputType\":\"dataURI\",\"ttl\":1", "invalidTtl")]
    [InlineData("\"outputFormat\":5,\"audioSettings\":{\"bitrate\":8}", "invalidOutputFormat")]
    public void Judges_no_company_by_a_value_that_is_itself_wrong(string members, string code) =>
        Assert.Equal(code, SampleTask.Refused(members).Code);

    [Fact]
    public void Allocates_little_for_a_valid_task()
    {
        var task = SampleTask.Parse(SampleTask.Text("\"outputFormat\":\"MP3\",\"numberResults\":2", "\"voice\":\"ryan\",\"speed\":0.97"));
        SampleTask.Model.Check(task);
        var before = GC.GetAllocatedBytesForCurrentThread();
        SampleTask.Model.Check(task);

        // NJsonSchema alone takes 15 KB; staying far below shows that the quick check decided.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2_500);
    }

    private static CheckedTask WithText(string text)
    {
        var task = SampleTask.Parse(SampleTask.Text());
        task["speech"]!["text"] = text;
        return SampleTask.Model.Check(task);
    }

    private static TaskError WithUuid(string uuid)
    {
        var task = SampleTask.Parse(SampleTask.Text());
        task["taskUUID"] = uuid;
        return Assert.Single(SampleTask.Model.Check(task).Errors);
    }
}
