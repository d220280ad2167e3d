using System.Text.Json.Nodes;
using Platform.Media;
using Platform.Tests.Fixtures;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What a customer hears.</summary>
[Collection(Stories.Name)]
public sealed class SpeechStories(Stages stages)
{
    private const string Sentence = "The night train to Vienna leaves from platform four at a quarter past nine.";

    [Theory]
    [BothModes("MP3", "mp3", 44_100, 2)]
    [BothModes("OGG", "vorbis", 48_000, 2)]
    [BothModes("WAV", "pcm_s16le", 24_000, 1)]
    [BothModes("FLAC", "flac", 24_000, 1)]
    [BothModes("mp3", "mp3", 44_100, 2)]
    public async Task A_text_becomes_a_playable_file_of_each_format(Mode mode, string format, string codec, int rate, int channels)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var task = Ask.ForSpeech(Sentence, $$"""{"outputFormat":"{{format}}"}""");

        var item = Assert.Single(await customer.SpeakAsync(task));
        var audio = await HearAsync(await customer.DownloadAsync(item), format);

        Assert.Equal((codec, rate, channels), (audio.Codec, audio.SampleRate, audio.Channels));
        Assert.InRange(audio.Duration.TotalSeconds, 2, 9);
        Assert.True(audio.Loudness > 500, $"Loudness {audio.Loudness}");
        Assert.Equal("audioInference", (string?)item["taskType"]);
        Assert.Equal(Ask.UuidOf(task), (string?)item["taskUUID"]);
        Listed.Same(["taskType", "taskUUID", "audioUUID", "audioURL", "seed"], item.Select(member => member.Key));
    }

    [Theory]
    [BothModes("MP3", 8_000, 8, 1)]
    [BothModes("MP3", 24_000, 160, 2)]
    [BothModes("MP3", 44_100, 320, 2)]
    [BothModes("OGG", 16_000, 48, 1)]
    [BothModes("OGG", 48_000, 192, 2)]
    public async Task Audio_settings_are_what_the_file_has(Mode mode, string format, int rate, int bitrate, int channels)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var settings = $$$"""
            {"outputFormat":"{{{format}}}","audioSettings":{"sampleRate":{{{rate}}},"bitrate":{{{bitrate}}},"channels":{{{channels}}}}}
            """;

        var bytes = await customer.DownloadAsync((await customer.SpeakAsync(Ask.ForSpeech(Sentence, settings)))[0]);
        var audio = await HearAsync(bytes, format);

        Assert.Equal((rate, channels), (audio.SampleRate, audio.Channels));
        if (format is "MP3")
        {
            Assert.InRange(bytes.Length * 8 / audio.Duration.TotalSeconds / 1000, bitrate * 0.9, bitrate * 1.15);
        }
    }

    [Theory]
    [BothModes("base64Data", "audioBase64Data", "")]
    [BothModes("dataURI", "audioDataURI", "data:audio/ogg;base64,")]
    public async Task Audio_inside_the_reply_is_the_stored_file(Mode mode, string outputType, string field, string opening)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech(Sentence, $$"""{"outputFormat":"OGG","outputType":"{{outputType}}"}""");

        var item = Assert.Single(await customer.SpeakAsync(task));

        var text = (string)item[field]!;
        Assert.StartsWith(opening, text, StringComparison.Ordinal);
        var key =
            await stage.AskAsync<string>("select blob_key from task_results where audio_uuid = $1", Guid.Parse((string)item["audioUUID"]!));
        Assert.Equal(await StoredFile.ReadAsync(stage.MediaFolder, key), Convert.FromBase64String(text[opening.Length..]));
        Listed.Same(["taskType", "taskUUID", "audioUUID", "seed", field], item.Select(member => member.Key));
        Assert.Equal(text, (string?)(await customer.PollAsync(Ask.UuidOf(task))).Item[field]);

        // It was handed over in the reply: there is no second, public copy of it.
        using var link = await customer.GetAsync($"media/audio/{item["audioUUID"]}.ogg");
        Assert.Equal(404, (int)link.StatusCode);
    }

    [Theory]
    [BothModes]
    public async Task Several_results_differ_and_their_seeds_follow_each_other(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();

        var items = await customer.SpeakAsync(Ask.ForSpeech(Sentence, """{"numberResults":4}"""));

        var seeds = items.Select(item => (long)item["seed"]!).ToList();
        Assert.Equal(Enumerable.Range(0, 4).Select(i => seeds[0] + i), seeds);
        Assert.Equal(4, items.Select(item => (string?)item["audioUUID"]).Distinct(StringComparer.Ordinal).Count());
        var files = await Task.WhenAll(items.Select(customer.DownloadAsync));
        Assert.Equal(4, files.Select(Convert.ToBase64String).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [BothModes]
    public async Task Speed_shortens_and_lengthens_speech(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();

        var lengths = new List<double>();
        foreach (var speed in (double[])[4, 1, 0.25])
        {
            var task =
                Ask.ForSpeech(Sentence, """{"outputFormat":"WAV"}""", $$"""{"speed":{{speed}},"voice":"ryan","language":"English"}""");
            lengths.Add((await HearAsync(await customer.DownloadAsync((await customer.SpeakAsync(task))[0]), "WAV")).Duration.TotalSeconds);
        }

        Assert.InRange(lengths[1] / lengths[0], 2.5, 6);
        Assert.InRange(lengths[2] / lengths[1], 2.5, 6);
    }

    [Theory]
    [BothModes("Chinese", "今天的天气很好，我们去公园散步。")]
    [BothModes("English", "The weather is fine today, let us walk in the park.")]
    [BothModes("Japanese", "今日は天気がいいので、公園を散歩しましょう。")]
    [BothModes("Korean", "오늘은 날씨가 좋으니 공원을 산책합시다.")]
    [BothModes("German", "Heute ist schönes Wetter, wir gehen im Park spazieren.")]
    [BothModes("French", "Il fait beau aujourd'hui, allons nous promener au parc.")]
    [BothModes("Russian", "Сегодня хорошая погода, пойдём гулять в парк.")]
    [BothModes("Portuguese", "O tempo está bom hoje, vamos passear no parque.")]
    [BothModes("Spanish", "Hoy hace buen tiempo, vamos a pasear por el parque.")]
    [BothModes("Italian", "Oggi il tempo è bello, andiamo a passeggiare nel parco.")]
    public async Task Every_language_is_spoken(Mode mode, string language, string text)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var task = Ask.ForSpeech(text, """{"outputFormat":"WAV"}""", new JsonObject { ["language"] = language }.ToJsonString());

        var audio = await HearAsync(await customer.DownloadAsync((await customer.SpeakAsync(task))[0]), "WAV");

        Assert.InRange(audio.Duration.TotalSeconds, 1.2, 12);
        Assert.True(audio.Loudness > 500, $"Loudness {audio.Loudness}");
    }

    private static Task<DecodedAudio> HearAsync(byte[] file, string format) =>
        DecodedAudio.OfAsync(new EncodedAudio(file, TimeSpan.Zero), Enum.Parse<AudioFormat>(format, ignoreCase: true));
}
