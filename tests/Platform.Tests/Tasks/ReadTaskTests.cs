using System.Text;
using Platform.Delivery;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class ReadTaskTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private readonly GatedEngine engine = new();

    [Fact]
    public async Task Every_result_gets_the_recording_and_what_is_said_in_it()
    {
        var (task, _) = await RunningAsync(await spine.TenantAsync(), results: 2);
        var running = spine.RunWith(engine).RunAsync(task, new WorkSlot("any"), CancellationToken.None);

        for (var i = 0; i < 2; i++)
        {
            var call = await engine.NextAsync();
            Assert.Equal("Just a tone.", call.Request.Reference!.Transcript);
            Assert.Equal(24_000, call.Request.Reference.Audio.SampleRate);
            Assert.InRange(call.Request.Reference.Audio.Duration.TotalSeconds, 4.9, 5.1);
            call.Speak();
        }

        await running.SoonAsync();
        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
    }

    [Fact]
    public async Task A_medium_that_is_deleted_while_the_task_waits_is_still_spoken_after()
    {
        var tenant = await spine.TenantAsync();
        var (task, medium) = await RunningAsync(tenant, results: 1);
        Assert.True(await spine.Get<StoredMedia>().DeleteAsync(tenant, medium.MediaUuid));
        await spine.ExecuteAsync("update media_uses set used_at = now() - interval '1 day' where task_id = $1", task.TaskId);
        await spine.Get<ForgetMedia>().DeleteMarkedAsync(CancellationToken.None);

        var running = spine.RunWith(engine).RunAsync(task, new WorkSlot("any"), CancellationToken.None);
        (await engine.NextAsync()).Speak();
        await running.SoonAsync();

        Assert.Equal("succeeded 1", await spine.StateAsync(task.TaskId));
    }

    [Fact]
    public async Task A_medium_that_is_gone_ends_the_task_and_frees_its_hold()
    {
        var tenant = await spine.TenantAsync(credit: 1000);
        var (task, medium) = await RunningAsync(tenant, results: 2);
        await spine.Get<IBlobStore>().DeleteAsync([medium.BlobKey], TestContext.Current.CancellationToken);

        await spine.RunWith(engine).RunAsync(task, new WorkSlot("any"), CancellationToken.None).SoonAsync();

        Assert.False(engine.HasCalls);
        Assert.Equal("failed 1", await spine.StateAsync(task.TaskId));
        Assert.Equal("1000 0", await spine.MoneyAsync(tenant));
        var outcome = await spine.Get<ReadOutcomes>().FindForTenantAsync(tenant, task.TaskUuid, CancellationToken.None);
        Assert.Equal("mediaNotFound", ItemJson.ReadError(outcome!.Error).Code);
    }

    private async Task<(ClaimedTask Task, StoredMedium Medium)> RunningAsync(Guid tenant, int results)
    {
        var source = Convert.ToBase64String(await Recordings.FiveSecondsAsync("mp3"));
        var pool = await spine.PoolAsync();
        var sample = Sample.Task(tenant, pool, results);
        var request = Encoding.UTF8.GetBytes(
            $$$"""
            {"taskType":"audioInference","taskUUID":"{{{sample.TaskUuid}}}","model":"alibaba:qwen@3-tts-1.7b-base","outputFormat":"WAV",
             "numberResults":{{{results}}},"speech":{"text":"Hello there.","voice":"clone"},
             "inputs":{"audio":"{{{source}}}"},"settings":{"transcript":"Just a tone."}}
            """);
        var (kept, error) = await spine.Get<KeepReference>().RunAsync(sample with
        {
            Spec = Catalog.SampleTask.Catalog.Interpret(request),
            Request = request,
        });
        Assert.Null(error);
        Assert.Equal(Acceptance.Accepted, await spine.Accept.AcceptAsync(kept));
        var medium = await spine.AskAsync<string>("select blob_key from media where media_uuid = $1", Guid.Parse(kept.Spec.InputAudio!));
        return (await spine.ClaimOneAsync(pool), new StoredMedium(Guid.Parse(kept.Spec.InputAudio!), medium));
    }
}
