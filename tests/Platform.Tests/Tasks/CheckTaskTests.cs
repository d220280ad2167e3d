using Platform.Engines.EspeakNg;
using Platform.Tests.Catalog;
using Platform.Tests.Engines.DashScope;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class CheckTaskTests
{
    private const string Flash = "alibaba:qwen@3-tts-flash";
    private const string Own = "3d2b8a60-7c41-4f9e-9b15-c08e6f2a4d71";

    [Fact]
    public void Espeak_serves_the_two_models_that_it_stands_in_for_and_no_other()
    {
        var check = Offered.Check(new EspeakEngine(new EspeakOptions()));

        Assert.Equal([SampleTask.BaseAir, SampleTask.Air], SampleTask.Catalog.Models.Where(check.IsServed).Select(model => model.Air), StringComparer.Ordinal);
        var refused = check.Run(SampleTask.Parse(TextOf(Flash, "serena")));
        var error = Assert.Single(refused.Errors);
        Assert.Equal(("modelNotFound", "model"), (error.Code, error.Parameter));
        Assert.Equal([SampleTask.BaseAir, SampleTask.Air], error.AllowedValues);
        Assert.True(check.Run(SampleTask.Parse(SampleTask.Text())).IsAccepted);
    }

    [Fact]
    public void Espeak_stands_in_for_what_the_settings_say()
    {
        var options = new EspeakOptions();
        options.StandsInFor.Add(Flash);
        var check = Offered.Check(new EspeakEngine(options));

        Assert.Equal([Flash], SampleTask.Catalog.Models.Where(check.IsServed).Select(model => model.Air), StringComparer.Ordinal);

        // It has nine voices; the others are not passed off as one of them.
        Assert.True(check.Run(SampleTask.Parse(TextOf(Flash, "serena"))).IsAccepted);
        Assert.Equal("invalidSpeechVoice", Assert.Single(check.Run(SampleTask.Parse(TextOf(Flash, "cherry"))).Errors).Code);
    }

    [Theory]
    [InlineData("beijing", "alibaba:cosyvoice@3-flash", "longanyang", "")]
    [InlineData("singapore", "alibaba:cosyvoice@3-flash", "longanyang", "modelNotFound")]
    [InlineData("singapore", "minimax:speech@2.8-hd", "male-qn-qingse", "modelNotFound")]
    [InlineData("singapore", Flash, "cherry", "")]
    [InlineData("singapore", Flash, "auto", "")]
    [InlineData("singapore", Flash, Own, "")]
    [InlineData("beijing", "alibaba:cosyvoice@3.5-plus", Own, "")]
    [InlineData("beijing", SampleTask.Air, "ryan", "modelNotFound")]
    [InlineData("beijing", "alibaba:qwen@3-tts-1.7b-voicedesign", "auto", "modelNotFound")]
    public void A_model_that_the_region_lacks_is_refused_when_it_is_sent(string region, string air, string voice, string code)
    {
        var check = Offered.Check(FakeDashScope.Offline(region));
        Assert.Equal(code, string.Join(' ', check.Run(SampleTask.Parse(TextOf(air, voice))).Errors.Select(error => error.Code)));
    }

    [Fact]
    public void Names_that_the_settings_give_are_all_that_is_served()
    {
        var check = Offered.Check(FakeDashScope.Offline("beijing", instance => instance.Voices["cherry"] = "Cherry"));

        Assert.True(check.Run(SampleTask.Parse(TextOf(Flash, "cherry"))).IsAccepted);
        var error = Assert.Single(check.Run(SampleTask.Parse(TextOf(Flash, "ethan"))).Errors);
        Assert.Equal(("invalidSpeechVoice", "speech.voice"), (error.Code, error.Parameter));
        Assert.Equal(["cherry"], error.AllowedValues);
    }

    [Fact]
    public void The_open_models_voices_go_to_namesakes_only_where_the_operator_says_so()
    {
        var check = Offered.Check(FakeDashScope.Offline("beijing", instance => instance.Serves.Add(SampleTask.Air)));

        Assert.True(check.Run(SampleTask.Parse(SampleTask.Text(speech: "\"voice\":\"ono_anna\""))).IsAccepted);
        Assert.Equal("invalidSpeechVoice", Assert.Single(check.Run(SampleTask.Parse(SampleTask.Text(speech: "\"voice\":\"uncle_fu\""))).Errors).Code);
        Assert.Equal("modelNotFound", Assert.Single(check.Run(SampleTask.Parse(TextOf(Flash, "cherry"))).Errors).Code);
    }

    private static string TextOf(string air, string voice)
    {
        var prompt = air.EndsWith("voicedesign", StringComparison.Ordinal) ? "\"positivePrompt\":\"A calm voice.\"," : "";
        return $$$"""
            {"taskType":"audioInference","taskUUID":"{{{SampleTask.Uuid}}}","model":"{{{air}}}",{{{prompt}}}
             "speech":{"text":"Hello there.","voice":"{{{voice}}}"}}
            """;
    }
}
