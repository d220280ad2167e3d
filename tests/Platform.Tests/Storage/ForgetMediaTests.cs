using Platform.Storage;
using Platform.Tasks;
using Platform.Tests.Media;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class ForgetMediaTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private TakeMedium Take => spine.Get<TakeMedium>();

    private StoredMedia Media => spine.Get<StoredMedia>();

    [Fact]
    public async Task Deletes_the_bytes_of_a_deleted_upload()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var (medium, _) = await Take.UploadAsync(tenant, Guid.NewGuid(), await SourceAsync());
        await SweepAsync();
        Assert.True(IsStored(medium!));

        await Media.DeleteAsync(tenant, medium!.MediaUuid);
        await SweepAsync();

        Assert.False(IsStored(medium));
        Assert.Null(await Media.ReadAsync(tenant, medium.MediaUuid, CancellationToken.None));
    }

    [Fact]
    public async Task Keeps_a_deleted_medium_until_the_task_that_uses_it_ends()
    {
        var tenant = await spine.TenantAsync();
        var task = await spine.RunningAsync(tenant);
        var (medium, _) = await Take.ForTaskAsync(tenant, task.TaskId, await SourceAsync());
        await AgeAsync(tenant);

        await Media.DeleteAsync(tenant, medium!.MediaUuid);
        await SweepAsync();
        Assert.NotNull(await Media.ReadAsync(tenant, medium.MediaUuid, CancellationToken.None));

        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));
        await SweepAsync();
        Assert.Null(await Media.ReadAsync(tenant, medium.MediaUuid, CancellationToken.None));
        Assert.False(IsStored(medium));
    }

    [Fact]
    public async Task Keeps_a_deleted_medium_for_a_task_that_is_just_being_accepted()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var (medium, _) = await Take.ForTaskAsync(tenant, Guid.NewGuid(), await SourceAsync());
        await Media.DeleteAsync(tenant, medium!.MediaUuid);
        await SweepAsync();
        Assert.True(IsStored(medium));
    }

    [Fact]
    public async Task What_came_with_a_task_goes_when_the_task_is_forgotten()
    {
        var tenant = await spine.TenantAsync();
        var task = await spine.RunningAsync(tenant);
        var (medium, _) = await Take.ForTaskAsync(tenant, task.TaskId, await SourceAsync());
        await spine.Settle.SettleAsync(Sample.Settle(task, TaskState.Succeeded, 0));
        await AgeAsync(tenant);
        await SweepAsync();
        Assert.True(IsStored(medium!));

        await spine.ExecuteAsync("delete from tasks where task_id = $1", task.TaskId);
        await SweepAsync();

        Assert.False(IsStored(medium!));
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from media_uses where task_id = $1", task.TaskId));
    }

    [Fact]
    public async Task What_came_with_a_refused_task_goes_at_once()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var taskId = Guid.NewGuid();
        var (medium, _) = await Take.ForTaskAsync(tenant, taskId, await SourceAsync());

        await Media.UnuseAsync(taskId);
        await spine.Get<ForgetMedia>().DeleteMarkedAsync(CancellationToken.None);

        Assert.False(IsStored(medium!));
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from media where tenant_id = $1", tenant));
    }

    [Fact]
    public async Task What_another_task_uses_or_was_uploaded_stays_when_a_task_is_refused()
    {
        var tenant = await spine.TenantAsync();
        var running = await spine.RunningAsync(tenant);
        var (refused, second) = (Guid.NewGuid(), Guid.NewGuid());
        var (shared, _) = await Take.ForTaskAsync(tenant, running.TaskId, await SourceAsync());
        await Take.ForTaskAsync(tenant, refused, await SourceAsync());
        var (upload, _) = await Take.UploadAsync(tenant, Guid.NewGuid(), Convert.ToBase64String(await Recordings.FiveSecondsAsync("wav")));
        await Take.ForTaskAsync(tenant, second, upload!.MediaUuid.ToString());

        await Media.UnuseAsync(refused);
        await Media.UnuseAsync(second);
        await spine.Get<ForgetMedia>().DeleteMarkedAsync(CancellationToken.None);

        Assert.True(IsStored(shared!));
        Assert.True(IsStored(upload));
    }

    [Fact]
    public async Task What_a_killed_process_did_not_take_back_goes_after_an_hour()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var (medium, _) = await Take.ForTaskAsync(tenant, Guid.NewGuid(), await SourceAsync());
        await SweepAsync();
        Assert.True(IsStored(medium!));

        await AgeAsync(tenant);
        await SweepAsync();

        Assert.False(IsStored(medium!));
    }

    [Fact]
    public async Task An_upload_stays_however_old_and_unused_it_is()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var (medium, _) = await Take.UploadAsync(tenant, Guid.NewGuid(), await SourceAsync());
        await AgeAsync(tenant);
        await SweepAsync();
        Assert.True(IsStored(medium!));
    }

    [Fact]
    public async Task Finds_what_a_process_left_that_was_killed_while_storing()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var (medium, _) = await Take.UploadAsync(tenant, Guid.NewGuid(), await SourceAsync());
        await spine.ExecuteAsync("update media set stored_at = null where media_uuid = $1", medium!.MediaUuid);
        Assert.False(await Media.DeleteAsync(tenant, medium.MediaUuid));
        await SweepAsync();
        Assert.True(IsStored(medium));

        await AgeAsync(tenant);
        await SweepAsync();

        Assert.False(IsStored(medium));
    }

    private static async Task<string> SourceAsync() => Convert.ToBase64String(await Recordings.FiveSecondsAsync("mp3"));

    private bool IsStored(StoredMedium medium) => File.Exists(spine.PathOf(medium.BlobKey));

    private async Task AgeAsync(Guid tenant)
    {
        await spine.ExecuteAsync(
            "update media_uses set used_at = used_at - interval '2 hours' where media_uuid in (select media_uuid from media where tenant_id = $1)",
            tenant);
        await spine.ExecuteAsync("update media set created_at = created_at - interval '2 hours' where tenant_id = $1", tenant);
    }

    private async Task SweepAsync()
    {
        await spine.Get<ForgetMedia>().MarkUnusedAsync(CancellationToken.None);
        await spine.Get<ForgetMedia>().DeleteMarkedAsync(CancellationToken.None);
    }
}
