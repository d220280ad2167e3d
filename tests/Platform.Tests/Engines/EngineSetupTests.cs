using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Engines;
using Platform.Engines.OpenAiSpeech;
using Xunit;

namespace Platform.Tests.Engines;

public sealed class EngineSetupTests
{
    private const string TwoServers =
        """
        {"Engines":{
          "Pools":{"qwen3_tts_customvoice":"gpu_a, gpu_b","qwen3_tts_base":"gpu_c"},
          "Instances":{
            "gpu_a":{"Kind":"openai-speech","Url":"http://10.0.0.7:8091"},
            "gpu_b":{"Kind":"openai-speech","Url":"http://10.0.0.8:8091/v1/","Dialect":"sglang-omni","Concurrency":"16"},
            "gpu_c":{"Kind":"openai-speech","Url":"https://gpu.example.com","ApiKey":"k","Serves":["alibaba:qwen@3-tts-1.7b-base"]}}}}
        """;

    [Fact]
    public void Makes_each_instance_of_the_settings_in_the_order_of_its_pool()
    {
        using var services = Build(TwoServers);
        var pools = services.GetRequiredService<EnginePools>();

        var lines = pools.Of("qwen3_tts_customvoice").Lines;

        Assert.Equal("gpu_a, gpu_b", string.Join(", ", lines.Select(line => line.Engine.Name)));
        Assert.All(lines, line => Assert.IsType<OpenAiSpeechEngine>(line.Engine));
        Assert.Equal("espeak-ng", Assert.Single(pools.Of("another").Lines).Engine.Name);
        Assert.Same(lines[0], pools.Of("qwen3_tts_customvoice").Lines[0]);
        Assert.True(pools.Serves("qwen3_tts_base", "alibaba:qwen@3-tts-1.7b-base", "clone"));
        Assert.False(pools.Serves("qwen3_tts_base", "alibaba:qwen@3-tts-1.7b-customvoice", "ryan"));
        Assert.Contains("espeak-ng", pools.NoteOf("another"), StringComparison.Ordinal);
        Assert.Null(pools.NoteOf("qwen3_tts_customvoice"));
    }

    [Fact]
    public void Is_content_with_what_can_be_used() => Assert.Empty(Faults(TwoServers));

    [Fact]
    public void Is_content_with_no_settings_at_all() => Assert.Empty(Faults("{}"));

    [Theory]
    [InlineData("""{"Default":""}""", "Engines:Default names no engine.")]
    [InlineData("""{"Default":"gpu"}""", "Engines:Default names gpu, which is not under Engines:Instances and none of espeak-ng, null.")]
    [InlineData("""{"Pools":{"a":"null, null"}}""", "Engines:Pools:a names an engine twice.")]
    [InlineData("""{"Instances":{"x":{"Kind":"openai-speech"}}}""",
        "Engines:Instances:x:Url is missing: give it the server's address, such as http://gpu-1:8091.")]
    [InlineData("""{"Instances":{"x":{"Kind":"openai-speech","Url":"ftp://x"}}}""",
        "Engines:Instances:x:Url must be an http or https address without a user, a query or a fragment.")]
    [InlineData("""{"Instances":{"x":{"Kind":"openai-speech","Url":"http://u:p@x"}}}""",
        "Engines:Instances:x:Url must be an http or https address without a user, a query or a fragment.")]
    [InlineData("""{"Instances":{"x":{"Kind":"openai-speech","Url":"http://x","Dialect":"y"}}}""",
        "Engines:Instances:x:Dialect must be one of vllm-omni, sglang-omni, openai.")]
    [InlineData("""{"Instances":{"x":{"Kind":"openai-speech","Url":"http://x","Dialect":"openai","Model":"m"}}}""",
        "Engines:Instances:x:Voices is missing: say for each voice of the contract which of the server's voices speaks it.")]
    [InlineData("""{"Instances":{"null":{"Kind":"openai-speech","Url":"http://x"}}}""", "Engines:Instances:null has a name that is taken or holds a comma.")]
    public void Says_what_is_wrong(string engines, string fault) =>
        Assert.Contains(fault, Faults("{\"Engines\":" + engines + "}"), StringComparer.Ordinal);

    [Fact]
    public void Says_which_kinds_there_are() => Assert.StartsWith(
        "Engines:Instances:x:Kind must be one of dashscope, openai-speech",
        Assert.Single(Faults("""{"Engines":{"Instances":{"x":{"Kind":"y"}}}}""")),
        StringComparison.Ordinal);

    [Fact]
    public void A_stand_in_never_serves_beside_an_engine_with_the_models_own_voices() => Assert.Contains(
        "Engines:Default lists espeak-ng beside others: it has not the model's voices and serves a pool alone or not at all.",
        Faults("""{"Engines":{"Default":"gpu,espeak-ng","Instances":{"gpu":{"Kind":"openai-speech","Url":"http://x"}}}}"""),
        StringComparer.Ordinal);

    private static List<string> Faults(string json) => EngineSetup.FindFaults(SettingsOf(json), static _ => true);

    private static ServiceProvider Build(string json)
    {
        var services = new ServiceCollection();
        services.AddOptions();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.Configure<EnginesOptions>(SettingsOf(json).GetSection(EnginesOptions.Section));
        services.AddEngines(SettingsOf(json));
        return services.BuildServiceProvider();
    }

    private static IConfigurationRoot SettingsOf(string json)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        return new ConfigurationBuilder().AddJsonStream(stream).Build();
    }
}
