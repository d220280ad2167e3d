using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>What the schemas of the providers' models say beyond those of the two open ones.</summary>
public sealed class ProviderModelTests
{
    private const string Own = "3D2B8A60-7C41-4F9E-9B15-C08E6F2A4D71";

    [Theory]
    [InlineData("alibaba:qwen@3-tts-flash", "\"voice\":\"radio_gol\"", "")]
    [InlineData("alibaba:qwen@3-tts-flash", "\"voice\":\"Radio Gol\"", "invalidSpeechVoice speech.voice")]
    [InlineData("alibaba:qwen@3-tts-flash", "\"voice\":\"uncle_fu\"", "invalidSpeechVoice speech.voice")]
    [InlineData("alibaba:qwen@3-tts-flash", $"\"voice\":\"{Own}\"", "")]
    [InlineData("alibaba:qwen@3-tts-flash", $"\"voice\":\"{Own}0\"", "invalidSpeechVoice speech.voice")]
    [InlineData("alibaba:qwen@3-tts-flash", "\"voice\":\"auto\\n\"", "invalidSpeechVoice speech.voice")]
    [InlineData("alibaba:qwen@3-tts-instruct-flash", "\"voice\":\"ryan\"", "invalidSpeechVoice speech.voice")]
    [InlineData("alibaba:qwen@3-tts-instruct-flash", $"\"voice\":\"{Own}\"", "invalidSpeechVoice speech.voice")]
    [InlineData("alibaba:cosyvoice@3-plus", "\"voice\":\"longshange_v3\"", "invalidSpeechVoice speech.voice")]
    [InlineData("alibaba:cosyvoice@3.5-plus", "\"speed\":1", "missingSpeechVoice speech.voice")]
    [InlineData("alibaba:cosyvoice@3.5-plus", "\"voice\":\"auto\"", "invalidSpeechVoice speech.voice")]
    [InlineData("alibaba:cosyvoice@3.5-plus", $"\"voice\":\"{Own}\"", "")]
    public void Takes_the_voices_that_the_model_has(string air, string speech, string errors) => Assert.Equal(errors, Codes(air, speech, ""));

    [Theory]
    [InlineData("alibaba:qwen@3-tts-flash", "\"positivePrompt\":\"x\"", "unknownParameter positivePrompt")]
    [InlineData("alibaba:qwen@3-tts-flash", "\"settings\":{}", "unknownParameter settings")]
    [InlineData("alibaba:qwen@3-tts-instruct-flash", "\"positivePrompt\":\"Slowly.\",\"settings\":{\"optimizeInstructions\":true}", "")]
    [InlineData("alibaba:qwen@3-tts-instruct-flash", "\"settings\":{\"maxNewTokens\":5}", "unknownParameter settings.maxNewTokens")]
    [InlineData("minimax:speech@02-turbo", "\"settings\":{\"emotion\":\"happy\",\"pitch\":-12,\"volume\":0.1}", "")]
    [InlineData("minimax:speech@02-turbo", "\"settings\":{\"emotion\":\"bored\",\"pitch\":13,\"volume\":0.05}",
        "invalidSettingsEmotion settings.emotion, invalidSettingsPitch settings.pitch, invalidSettingsVolume settings.volume")]
    [InlineData("alibaba:qwen@3-tts-1.7b-voicedesign", "\"settings\":{}", "missingPositivePrompt positivePrompt")]
    [InlineData("alibaba:qwen@3-tts-1.7b-voicedesign", "\"positivePrompt\":\"An old man.\"", "")]
    public void Takes_what_the_model_has_beside_text_and_voice(string air, string members, string errors) => Assert.Equal(errors, Codes(air, "", members));

    [Theory]
    [InlineData("a", 100, "")]
    [InlineData("a", 101, "invalidPositivePrompt positivePrompt")]
    [InlineData("用", 50, "")]
    [InlineData("用", 51, "invalidPositivePrompt positivePrompt")]
    [InlineData("か", 100, "")]
    [InlineData("한", 100, "")]
    [InlineData("𠀀", 50, "")]
    [InlineData("𠀀", 51, "invalidPositivePrompt positivePrompt")]
    public void A_han_character_of_a_prompt_counts_twice_for_cosyvoice(string letter, int count, string errors) => Assert.Equal(
        errors, Codes("alibaba:cosyvoice@3-flash", "", $"\"positivePrompt\":\"{string.Concat(Enumerable.Repeat(letter, count))}\""));

    [Fact]
    public void What_is_absent_is_the_models_own()
    {
        var spec = Check("minimax:speech@2.8-hd", "", "").Spec!;
        Assert.Equal(("auto", "Auto", 1m, 0, 1m), (spec.Voice, spec.Language, spec.Speed, spec.Pitch, spec.Volume));
        Assert.True(spec is { Emotion: null, OptimizePrompt: false });
        Assert.Equal(SpeechSpec.Uncapped, spec.MaxNewTokens);
    }

    private static string Codes(string air, string speech, string members) => SampleTask.Codes(Check(air, speech, members));

    private static CheckedTask Check(string air, string speech, string members) => SampleTask.CheckText(
        $$$"""
        {"taskType":"audioInference","taskUUID":"{{{SampleTask.Uuid}}}","model":"{{{air}}}"{{{(members.Length > 0 ? "," : "")}}}{{{members}}},
         "speech":{"text":"Hello there."{{{(speech.Length > 0 ? "," : "")}}}{{{speech}}}}}
        """);
}
