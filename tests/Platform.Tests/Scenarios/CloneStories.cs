using System.Text;
using System.Text.Json.Nodes;
using Platform.Tests.Media;
using Platform.Tests.Outbound;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Speech after a customer's own recording, whichever way the recording comes.</summary>
[Collection(Stories.Name)]
public sealed class CloneStories(Stages stages)
{
    private const string Air = "alibaba:qwen@3-tts-1.7b-base";

    [Theory]
    [BothModes("base64")]
    [BothModes("data URI")]
    [BothModes("URL")]
    [BothModes("UUID")]
    public async Task A_voice_is_cloned_and_the_request_names_the_medium(Mode mode, string way)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var bytes = await Recordings.FiveSecondsAsync("mp3");
        var encoded = Convert.ToBase64String(bytes);
        await using var server = RawReceiver.Start(
            $"HTTP/1.1 200 OK\r\nContent-Length: {bytes.Length}\r\n\r\n{Encoding.Latin1.GetString(bytes)}");
        var task = Clone(way switch
        {
            "base64" => encoded,
            "data URI" => "data:audio/mpeg;base64," + encoded,
            "URL" => server.Url + "voice.mp3?signature=secret",
            _ => await UploadAsync(customer, encoded),
        });

        var item = Assert.Single(await customer.SpeakAsync(task));

        Assert.True((await customer.DownloadAsync(item)).Length > 10_000);
        var request = JsonNode.Parse(await stage.AskAsync<byte[]>(
            "select request from tasks where tenant_id = $1 and task_uuid = $2", customer.TenantId, Guid.Parse(Ask.UuidOf(task))))!;
        Assert.True(Guid.TryParseExact((string)request["inputs"]!["audio"]!, "D", out var medium));
        Assert.Equal(1L, await stage.AskAsync<long>("select count(*) from media where media_uuid = $1 and tenant_id = $2", medium, customer.TenantId));
        task["inputs"] = request["inputs"]!.DeepClone();
        Assert.Equal(task.ToJsonString(), request.ToJsonString());
    }

    [Theory]
    [BothModes("http://169.254.169.254/latest/meta-data/", 400, "invalidInputsAudio")]
    [BothModes("http://[::ffff:127.0.0.1]/a.wav", 400, "invalidInputsAudio")]
    [BothModes("http://127.0.0.1:1/a.wav", 400, "downloadFailed")]
    [BothModes("UklGRiQAAABXQVZF", 400, "invalidInputsAudio")]
    [BothModes("4a9082fd-1865-4261-a0bc-c6cfe96001fc", 404, "mediaNotFound")]
    public async Task A_recording_that_cannot_be_used_takes_no_uuid_and_no_money(Mode mode, string audio, int status, string code)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();
        var task = Clone(audio);

        var reply = await customer.SendAsync(task);

        Assert.Equal((status, code), (reply.Status, reply.Code));
        Assert.Equal("inputs.audio", (string)reply.Error["parameter"]!);
        Assert.Equal("taskNotFound", (await customer.PollAsync(Ask.UuidOf(task))).Code);
        Assert.Equal(0L, await stage.AskAsync<long>("select held from accounts where tenant_id = $1", customer.TenantId));
        Assert.Equal(0L, await stage.AskAsync<long>(
            "select count(*) from media_uses u join media m using (media_uuid) where m.tenant_id = $1", customer.TenantId));
    }

    [Theory]
    [BothModes]
    public async Task Another_tenants_medium_is_not_found(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (owner, other) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var medium = await UploadAsync(owner, Convert.ToBase64String(await Recordings.FiveSecondsAsync("flac")));

        Assert.Equal("mediaNotFound", (await other.SendAsync(Clone(medium))).Code);
        Assert.Single(await owner.SpeakAsync(Clone(medium)));
    }

    [Theory]
    [BothModes]
    public async Task A_task_that_cannot_be_paid_leaves_nothing_of_its_recording(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync(usd: 0);
        var reply = await customer.SendAsync(Clone(Convert.ToBase64String(await Recordings.FiveSecondsAsync("wav"))));
        Assert.Equal("insufficientCredits", reply.Code);
        Assert.Equal(0L, await stage.AskAsync<long>("select count(*) from media where tenant_id = $1", customer.TenantId));
    }

    private static JsonObject Clone(string audio)
    {
        var task = Ask.ForSpeech(
            "The ferry leaves at noon.",
            more: """{"numberResults":1,"settings":{"transcript":"Just a tone."},"inputs":{}}""",
            speech: """{"voice":"clone","language":"English"}""");
        task["model"] = Air;
        task["inputs"]!["audio"] = audio;
        return task;
    }

    private static async Task<string> UploadAsync(Customer customer, string media)
    {
        var reply = await customer.SendAsync(new JsonObject
        {
            ["taskType"] = "mediaStorage",
            ["taskUUID"] = Ask.NewUuid(),
            ["operation"] = "upload",
            ["media"] = media,
        });
        return (string)reply.Item["mediaUUID"]!;
    }
}
