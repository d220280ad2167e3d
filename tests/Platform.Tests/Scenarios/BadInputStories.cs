using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What is refused: with the contract's error and status, nothing stored, nothing held.</summary>
[Collection(Stories.Name)]
public sealed class BadInputStories(Stages stages)
{
    [Theory]
    [BothModes("")]
    [BothModes("   ")]
    [BothModes("[]")]
    [BothModes("null")]
    [BothModes("\"text\"")]
    [BothModes("[1]")]
    [BothModes("[{]")]
    [BothModes("[{}] trailing")]
    [BothModes("{\"taskType\":\"ping\",\"taskType\":\"ping\"}")]
    [BothModes("[{\"taskType\":\"\\ud800\"}]")]
    [BothModes("[{\"a\":NaN}]")]
    public async Task Unreadable_json_is_refused(Mode mode, string body)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        await RefusedAsync(stage, customer, await customer.SendAsync(body), (400, "invalidJson"), hasTask: false);
    }

    [Theory]
    [BothModes]
    public async Task Nesting_is_allowed_to_32_levels(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var tooDeep = await customer.SendAsync(Nested(31));
        await RefusedAsync(stage, customer, tooDeep, (400, "invalidJson"), hasTask: false);
        Assert.Equal("unsupportedTaskType", (await customer.SendAsync(Nested(30))).Code);
        Assert.Equal("invalidJson", (await customer.SendAsync(new string('[', 100_000))).Code);

        static string Nested(int arrays) => $$"""[{"taskType":"none","x":{{new string('[', arrays)}}{{new string(']', arrays)}}}]""";
    }

    [Theory]
    [BothModes("""{"speach":{}}""", "{}", "unknownParameter", "speach")]
    [BothModes("{}", """{"tone":"warm"}""", "unknownParameter", "speech.tone")]
    [BothModes("""{"numberResults":"1"}""", "{}", "invalidNumberResults", "numberResults")]
    [BothModes("""{"numberResults":5}""", "{}", "invalidNumberResults", "numberResults")]
    [BothModes("""{"numberResults":null}""", "{}", "invalidNumberResults", "numberResults")]
    [BothModes("""{"speech":"hello"}""", "{}", "invalidSpeech", "speech")]
    [BothModes("{}", """{"text":""}""", "invalidSpeechText", "speech.text")]
    [BothModes("{}", """{"speed":0.333}""", "invalidSpeechSpeed", "speech.speed")]
    [BothModes("""{"ttl":59}""", "{}", "invalidTtl", "ttl")]
    [BothModes("""{"ttl":60,"outputType":"dataURI"}""", "{}", "unsupportedParameter", "ttl")]
    [BothModes("""{"outputFormat":"WAV","audioSettings":{}}""", "{}", "unsupportedParameter", "audioSettings")]
    [BothModes("""{"audioSettings":{"sampleRate":8000,"bitrate":320}}""", "{}", "invalidAudioSettingsBitrate", "audioSettings.bitrate")]
    [BothModes("""{"audioSettings":{"sampleRate":44101}}""", "{}", "invalidAudioSettingsSampleRate", "audioSettings.sampleRate")]
    [BothModes("""{"taskUUID":"6c84fb90-12c4-11e1-840d-7b25c5ee775a"}""", "{}", "invalidTaskUUID", "taskUUID")]
    [BothModes("""{"taskUUID":7}""", "{}", "invalidTaskUUID", "taskUUID")]
    [BothModes("""{"taskType":"videoInference"}""", "{}", "unsupportedTaskType", "taskType")]
    [BothModes("""{"taskType":3}""", "{}", "invalidTaskType", "taskType")]
    public async Task A_wrong_field_is_named(Mode mode, string more, string speech, string code, string parameter)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var reply = await customer.SendAsync(Ask.ForSpeech(more: more, speech: speech));

        await RefusedAsync(stage, customer, reply, (400, code), hasTask: true);
        Assert.Equal(parameter, (string?)reply.Error["parameter"]);
    }

    [Theory]
    [BothModes]
    public async Task All_that_is_wrong_comes_back_at_once_and_numbers_are_numbers(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech(more: """{"audioSettings":{"channels":3},"numberResults":9}""", speech: """{"voice":"x"}""");
        task.Remove("taskUUID");

        var reply = await customer.SendAsync(task);

        Assert.Equal(400, reply.Status);
        Listed.Same(
            ["invalidAudioSettingsChannels", "invalidNumberResults", "invalidSpeechVoice", "missingTaskUUID"],
            reply.Errors.Select(error => (string)error["code"]!).Order(StringComparer.Ordinal));
        var channels = reply.Errors.Single(error => (string?)error["parameter"] == "audioSettings.channels");
        Assert.Equal("[1,2]", channels["allowedValues"]!.ToJsonString());
        await NothingKeptAsync(stage, customer);
    }

    [Theory]
    [BothModes]
    public async Task An_unknown_model_is_not_found(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var reply = await customer.SendAsync(Ask.ForSpeech(more: """{"model":"acme:nothing@1"}"""));

        await RefusedAsync(stage, customer, reply, (404, "modelNotFound"), hasTask: true);
    }

    [Theory]
    [BothModes]
    public async Task More_than_fifty_tasks_are_too_many(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var reply = await customer.SendAsync([.. Enumerable.Range(0, 51).Select(_ => Ask.ForSpeech())]);

        await RefusedAsync(stage, customer, reply, (400, "arrayTooLong"), hasTask: false);
    }

    [Theory]
    [BothModes]
    public async Task A_used_task_uuid_conflicts_in_any_spelling_and_is_not_charged(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var task = Ask.ForSpeech();
        await customer.SpeakAsync(task);
        task["taskUUID"] = Ask.UuidOf(task).ToUpperInvariant();

        var reply = await customer.SendAsync(task);
        var twins = await customer.SendAsync(Ask.ForSpeech() is var twin ? [twin, twin] : []);

        Assert.Equal((400, "conflictTaskUUID", Ask.UuidOf(task)), (reply.Status, reply.Code, (string?)reply.Error["taskUUID"]));
        Assert.Equal((200, 1, "conflictTaskUUID"), (twins.Status, twins.Items.Length, (string?)Assert.Single(twins.Errors)["code"]));
        Assert.Equal(2,
            await stage.AskAsync<long>("select count(*) from ledger_entries where tenant_id = $1 and kind = 'capture'", customer.TenantId));
    }

    [Theory]
    [BothModes(true)]
    [BothModes(false)]
    public async Task A_body_over_16_mib_is_refused(Mode mode, bool stated)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        using var body = stated
            ? (HttpContent)new ByteArrayContent(new byte[17 * 1024 * 1024])
            : new StreamContent(new MemoryStream(new byte[17 * 1024 * 1024]));

        var reply = await customer.SendAsync(body, request => request.Headers.TransferEncodingChunked = stated ? null : true);

        await RefusedAsync(stage, customer, reply, (413, "payloadTooLarge"), hasTask: false);
    }

    [Theory]
    [BothModes]
    public async Task A_body_without_end_is_answered_at_the_limit(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, stage.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /v1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {customer.Key}\r\nTransfer-Encoding: chunked\r\n\r\n"),
            TestContext.Current.CancellationToken);
        var answer = new byte[12];
        var answered = stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken).AsTask();

        // Sent for as long as the server takes it: an answer in spite of an unfinished body is what is to be shown.
        var chunk = (byte[])[.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
        var sent = 0L;
        while (!answered.IsCompleted)
        {
            Assert.True(sent < 64 * 1024 * 1024, "64 MiB were taken without an answer.");
            await Task.WhenAny(answered, stream.WriteAsync(chunk, TestContext.Current.CancellationToken).AsTask());
            sent += chunk.Length;
        }

        await answered;
        Assert.Equal("HTTP/1.1 413", Encoding.ASCII.GetString(answer));
    }

    private static async Task RefusedAsync(Stage stage, Customer customer, Reply reply, (int Status, string Code) expected, bool hasTask)
    {
        Assert.Equal(expected, (reply.Status, reply.Code));
        Assert.True(hasTask || !reply.Error.ContainsKey("taskUUID"), reply.Text);
        await NothingKeptAsync(stage, customer);
    }

    private static async Task NothingKeptAsync(Stage stage, Customer customer)
    {
        Assert.Equal(0, await stage.AskAsync<long>("select count(*) from tasks where tenant_id = $1", customer.TenantId));
        Assert.Equal(0, await stage.AskAsync<long>("select held from accounts where tenant_id = $1", customer.TenantId));
        Assert.Equal(1, await stage.AskAsync<long>("select count(*) from ledger_entries where tenant_id = $1", customer.TenantId));
    }
}
