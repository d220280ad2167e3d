using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Platform.Tests.Delivery.Webhooks;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>Results that go to an address of the customer's own.</summary>
[Collection(Stories.Name)]
public sealed class UploadStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task The_customers_server_has_the_file_before_the_result_is_reported(Mode mode)
    {
        await using var server = await HookReceiver.StartAsync();
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();

        var item = Assert.Single(await customer.SpeakAsync(Asking(server.Url("/one.mp3"), """{"includeCost":true}""")));

        var heard = Assert.Single(server.All);
        Assert.Equal("audio/mpeg", heard.Headers["Content-Type"]);
        Assert.NotNull(item["cost"]);
        Assert.Equal(await customer.DownloadAsync(item), heard.Body);
    }

    [Theory]
    [BothModes]
    public async Task Placeholders_are_filled_for_each_result(Mode mode)
    {
        await using var server = await HookReceiver.StartAsync();
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();

        var items = await customer.SpeakAsync(Asking(server.Url("/") + "{index}/{audioUUID}.mp3", """{"numberResults":3}"""));

        Listed.Same(
            items.Select(static (item, i) => $"/{i}/{item["audioUUID"]}.mp3"),
            server.All.Select(static heard => heard.Path).Order(StringComparer.Ordinal));
    }

    [Theory]
    [BothModes]
    public async Task If_it_fails_it_is_uploadFailed_with_no_audio_handed_over_and_no_charge(Mode mode)
    {
        await using var server = await HookReceiver.StartAsync(403);
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var task = Asking(server.Url("/expired.mp3"));
        var reply = await customer.SendAsync(task);

        Assert.Equal((400, "uploadFailed"), (reply.Status, reply.Code));
        Assert.Contains("answered 403", (string)reply.Error["message"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("http", (string)reply.Error["message"]!, StringComparison.Ordinal);
        Assert.Single(server.All);
        Assert.Equal("5000000 0", await stage.AskAsync<string>(
            "select balance || ' ' || held from accounts where tenant_id = $1", customer.TenantId));
        Assert.Equal("uploadFailed", (await customer.PollToEndAsync(Ask.UuidOf(task))).Code);
        var id = $"/{await IdAsync(stage, customer):N}-";
        Assert.DoesNotContain(await StoredFile.ListAsync(stage.MediaFolder), key => key.Contains(id, StringComparison.Ordinal));
    }

    [Theory]
    [BothModes]
    public async Task A_server_that_recovers_gets_each_file_once_more_and_the_customer_pays_once(Mode mode)
    {
        var refused = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await using var server = await HookReceiver.StartAsync((http, heard) =>
        {
            http.Response.StatusCode = refused.TryAdd(heard.Path, true) ? (int)HttpStatusCode.ServiceUnavailable : 200;
            return Task.CompletedTask;
        });
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        await customer.SpeakAsync(Asking(server.Url("/") + "{index}", """{"numberResults":2}"""));

        Assert.Equal(4, server.All.Count);
        Assert.Equal(4_999_800, await stage.AskAsync<long>("select balance from accounts where tenant_id = $1", customer.TenantId));
    }

    [Theory]
    [BothModes("http://169.254.169.254/latest/{index}")]
    [BothModes("http://10.1.2.3/one.mp3")]
    [BothModes("http://[::ffff:127.0.0.1]/one.mp3")]
    public async Task An_address_inside_is_refused_at_submission(Mode mode, string url)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync();

        var reply = await customer.SendAsync(Asking(url));

        Assert.Equal((400, "invalidUploadEndpoint", "uploadEndpoint"), (reply.Status, reply.Code, (string?)reply.Error["parameter"]));
        Assert.Equal(0L, await stage.AskAsync<long>("select count(*) from tasks where tenant_id = $1", customer.TenantId));
    }

    private static JsonObject Asking(string endpoint, string more = "{}")
    {
        var task = Ask.ForSpeech(more: more);
        task["uploadEndpoint"] = endpoint;
        return task;
    }

    private static Task<Guid> IdAsync(Stage stage, Customer customer) =>
        stage.AskAsync<Guid>("select task_id from tasks where tenant_id = $1", customer.TenantId);
}
