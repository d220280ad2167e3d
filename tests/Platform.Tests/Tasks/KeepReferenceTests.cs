using System.Text;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tests.Media;
using Platform.Tests.Outbound;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class KeepReferenceTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private KeepReference Keep => spine.Get<KeepReference>();

    [Fact]
    public async Task A_task_without_reference_audio_stays_as_it_is()
    {
        var task = Sample.Task(Guid.NewGuid(), "pool");
        var (kept, error) = await Keep.RunAsync(task);
        Assert.Same(task, kept);
        Assert.Null(error);
        await Keep.ForgetAsync(task);
    }

    [Theory]
    [InlineData("base64")]
    [InlineData("data URI")]
    [InlineData("URL")]
    [InlineData("UUID")]
    public async Task The_stored_request_names_the_medium(string way)
    {
        var (tenant, bytes) = (await spine.TenantAsync(), await Recordings.FiveSecondsAsync("mp3"));
        var encoded = Convert.ToBase64String(bytes);
        await using var server = RawReceiver.Start(
            $"HTTP/1.1 200 OK\r\nContent-Length: {bytes.Length}\r\n\r\n{Encoding.Latin1.GetString(bytes)}");
        var source = way switch
        {
            "base64" => encoded,
            "data URI" => "data:audio/mpeg;base64," + encoded,
            "URL" => server.Url + "voice.mp3?secret=1",
            _ => (await spine.Get<TakeMedium>().UploadAsync(tenant, Guid.NewGuid(), encoded)).Medium!.MediaUuid.ToString(),
        };
        var task = TaskWith(tenant, source);

        var (kept, error) = await Keep.RunAsync(task);

        Assert.Null(error);
        var medium = Guid.ParseExact(kept.Spec.InputAudio!, "D");
        Assert.Equal(bytes, await spine.Get<StoredMedia>().ReadAsync(tenant, medium, CancellationToken.None));
        Assert.Equal($"{{\"inputs\":{{\"audio\":\"{medium}\"}}}}", Encoding.UTF8.GetString(kept.Request.Span));
        Assert.Equal(medium, await spine.AskAsync<Guid>("select media_uuid from media_uses where task_id = $1", task.TaskId));

        await Keep.ForgetAsync(task);
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from media_uses where task_id = $1", task.TaskId));
    }

    [Theory]
    [InlineData("UklGRg==", "invalidInputsAudio")]
    [InlineData("http://10.0.0.1/a.wav", "invalidInputsAudio")]
    [InlineData("http://127.0.0.1:1/a.wav", "downloadFailed")]
    [InlineData("4a9082fd-1865-4261-a0bc-c6cfe96001fc", "mediaNotFound")]
    public async Task Says_why_a_recording_cannot_be_used(string source, string code)
    {
        var (_, error) = await Keep.RunAsync(TaskWith(await spine.TenantAsync(), source));
        Assert.Equal(code, error!.Code);
        Assert.Equal("inputs.audio", error.Parameter);
        Assert.StartsWith("'inputs.audio' ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(source, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unaffordable", "insufficientCredits")]
    [InlineData("full", "maxConcurrentTasksReached")]
    [InlineData("conflict", "conflictTaskUUID")]
    public async Task A_task_that_would_be_refused_has_nothing_fetched_or_stored_for_it(string why, string code)
    {
        var tenant = await spine.TenantAsync(credit: 200);
        await using var server = RawReceiver.Start("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var open = Sample.Task(tenant, await spine.PoolAsync());
        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(open));
        var task = why switch
        {
            "unaffordable" => TaskWith(tenant, server.Url) with { PricePerResult = 101 },
            "full" => TaskWith(tenant, server.Url) with { MaxQueued = 1 },
            _ => TaskWith(tenant, server.Url) with { TaskUuid = open.TaskUuid },
        };

        var (_, error) = await Keep.RunAsync(task);

        Assert.Equal(code, error!.Code);
        Assert.Equal(0, server.Connections);
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from media where tenant_id = $1", tenant));
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from media_uses where task_id = $1", task.TaskId));
        var possible = await Keep.RunAsync(TaskWith(tenant, server.Url) with { PricePerResult = 100 });
        Assert.Equal("invalidInputsAudio", possible.Error!.Code);
        Assert.Equal(1, server.Connections);
    }

    private static NewTask TaskWith(Guid tenant, string source)
    {
        var task = Sample.Task(tenant, "pool");
        return task with
        {
            Spec = task.Spec with { InputAudio = source },
            Request = Encoding.UTF8.GetBytes($"{{\"inputs\":{{\"audio\":\"{source}\"}}}}"),
        };
    }
}
