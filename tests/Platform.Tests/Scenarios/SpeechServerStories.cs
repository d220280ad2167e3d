using System.Text.Json.Nodes;
using Platform.Media;
using Platform.Tests.Crash;
using Platform.Tests.Fixtures;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>
/// A platform whose voice is another process: worker, HTTP, a speech server with espeak-ng behind it, and back. Then that server goes away
/// under load.
/// </summary>
public sealed class SpeechServerStories(TestPostgres postgres, TestRabbit rabbit)
{
    private const string Sentence = "The night train to Vienna leaves from platform four at a quarter past nine.";
    private const string Listening = "Ready: speech on";

    private readonly int port = FreePort.One();
    private readonly int otherPort = FreePort.One();

    [Theory]
    [BothModes]
    public async Task A_text_is_spoken_by_a_server_of_its_own(Mode mode)
    {
        await using var server = await StartServerAsync();
        await using var stage = await StartAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var item = Assert.Single(await customer.SpeakAsync(Ask.ForSpeech(Sentence, """{"outputFormat":"WAV"}""", """{"voice":"serena","speed":2}""")));

        var audio = await DecodedAudio.OfAsync(new EncodedAudio(await customer.DownloadAsync(item), TimeSpan.Zero), AudioFormat.Wav);
        Assert.Equal((24_000, 1), (audio.SampleRate, audio.Channels));
        Assert.InRange(audio.Duration.TotalSeconds, 1, 4.5);
        Assert.True(audio.Loudness > 500, $"Loudness {audio.Loudness}");

        // The operator sees what the call was like and what it cost, a second later.
        await Until.TrueAsync(async () => await stage.AskAsync<long>(
            """
            select count(*) from engine_calls
             where tenant_id = $1 and engine = 'gpu_a' and voice = 'serena' and characters = 75 and audio_ms > 1000 and outcome = 'ok'
               and request_id = 'speech-1' and first_audio_ms <= total_ms and cost = 75 * 3
            """,
            customer.TenantId) == 1);
        var margin = Assert.Single((await stage.Operator.GetAsync($"margins?groupBy=task&tenant={customer.TenantId}")).Items);
        Assert.Equal((1, 1, 100, 225, -125), Numbers(margin));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
    }

    [Theory]
    [BothModes]
    public async Task A_recording_is_imitated_over_the_wire(Mode mode)
    {
        await using var server = await StartServerAsync();
        await using var stage = await StartAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var recording = Convert.ToBase64String(await Recordings.FiveSecondsAsync("wav"));

        var items = await customer.SpeakAsync(Ask.ForSpeech(
            Sentence,
            $$"""
            {"model":"alibaba:qwen@3-tts-1.7b-base","inputs":{"audio":"{{recording}}"},"settings":{"xVectorOnly":true},"numberResults":2,"outputFormat":"FLAC"}
            """,
            """{"voice":"clone"}"""));

        Assert.Equal(2, items.Length);
        Assert.All(await Task.WhenAll(items.Select(customer.DownloadAsync)), file => Assert.True(file.Length > 10_000));
    }

    [Theory]
    [BothModes]
    public async Task No_task_is_lost_and_none_charged_twice_while_the_server_is_away(Mode mode)
    {
        var server = await StartServerAsync();
        await using var stage = await StartAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var tasks = Enumerable.Range(0, 24).Select(i => Ask.ForSpeech($"{Sentence} Number {i}.", """{"deliveryMethod":"async"}""")).ToArray();
        Assert.Equal(12, (await customer.SendAsync(tasks[..12])).Items.Length);
        await Until.TrueAsync(async () => await SucceededAsync(stage, customer) > 0);

        await server.DisposeAsync();
        Assert.Equal(12, (await customer.SendAsync(tasks[12..])).Items.Length);
        var before = await Until.FoundAsync(async () => await IsIdleAsync(stage) ? new Box(await SucceededAsync(stage, customer)) : null);
        Assert.True(before.Value < tasks.Length);

        server = await StartServerAsync();
        await Until.TrueAsync(async () => await SucceededAsync(stage, customer) > before.Value, seconds: 5);
        await Until.TrueAsync(async () => await SucceededAsync(stage, customer) == tasks.Length);

        await new Books(stage.Source).CheckAsync(customer.TenantId);
        Assert.Equal(
            tasks.Length,
            await stage.AskAsync<long>("select count(*) from ledger_entries where tenant_id = $1 and kind = 'capture'", customer.TenantId));
        // The calls that were cut off count as attempts, the time without a server does not.
        Assert.InRange(await stage.AskAsync<short>("select max(attempt) from tasks where tenant_id = $1", customer.TenantId), 1, 2);
        await server.DisposeAsync();
    }

    [Theory]
    [BothModes]
    public async Task With_a_second_server_nobody_waits_for_the_first(Mode mode)
    {
        var first = await StartServerAsync();
        await using var second = await StartServerAsync(otherPort);
        await using var stage = await StartAsync(mode, "gpu_a, gpu_b");
        var customer = await stage.NewCustomerAsync();
        await customer.SpeakAsync(Ask.ForSpeech());

        await first.DisposeAsync();
        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => customer.SpeakAsync(Ask.ForSpeech())));

        Assert.All(replies, items => Assert.Single(items));
        await Until.TrueAsync(async () => await stage.AskAsync<long>(
            "select count(*) from engine_calls where engine = 'gpu_b' and outcome = 'ok'") >= 11);
        // None went back to its pool, and none was tried twice.
        Assert.Equal(1, await stage.AskAsync<short>("select max(attempt) from tasks where tenant_id = $1", customer.TenantId));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
    }

    private static (int, int, int, int, int) Numbers(JsonObject margin) => (
        (int)margin["results"]!, (int)margin["calls"]!, (int)margin["chargedMicroUsd"]!, (int)margin["costMicroUsd"]!, (int)margin["marginMicroUsd"]!);

    private sealed record Box(long Value);

    // No worker has anything, because there is nobody to give it to.
    private static async Task<bool> IsIdleAsync(Stage stage) =>
        await stage.AskAsync<long>("select count(*) from open_tasks where lease_token is not null") == 0;

    private static Task<long> SucceededAsync(Stage stage, Customer customer) =>
        stage.AskAsync<long>("select count(*) from tasks where tenant_id = $1 and state = 'succeeded'", customer.TenantId);

    private Task<ChildProcess> StartServerAsync() => StartServerAsync(port);

    private static async Task<ChildProcess> StartServerAsync(int port)
    {
        var server = await BenchProcess.StartAsync("speech-server", "--url", $"http://127.0.0.1:{port}");
        await server.WaitForLineAsync(static line => line.StartsWith(Listening, StringComparison.Ordinal));
        return server;
    }

    private Task<Stage> StartAsync(Mode mode, string engines = "gpu_a")
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PLATFORM_ENGINES__DEFAULT"] = engines,
            ["PLATFORM_ENGINES__INSTANCES__gpu_a__KIND"] = "openai-speech",
            ["PLATFORM_ENGINES__INSTANCES__gpu_a__URL"] = $"http://127.0.0.1:{port}",
            ["PLATFORM_ENGINES__INSTANCES__gpu_a__COSTPERMILLIONCHARACTERS"] = "3000000",
            ["PLATFORM_ENGINES__INSTANCES__gpu_b__KIND"] = "openai-speech",
            ["PLATFORM_ENGINES__INSTANCES__gpu_b__URL"] = $"http://127.0.0.1:{otherPort}",
            ["PLATFORM_ENGINES__PROBESECONDS"] = "0.5",
            ["PLATFORM_TASKS__RETRYDELAYSECONDS"] = "0.2",
        };
        return mode == Mode.Embedded ? EmbeddedStage.StartAsync(settings) : DistributedStage.StartAsync(postgres, rabbit, settings);
    }
}
