using Microsoft.Extensions.Options;
using Platform.Storage;
using Platform.Tests.Fixtures;
using Platform.Tests.Media;
using Platform.Tests.Outbound;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Storage;

public sealed class TakeMediumTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private TakeMedium Take => spine.Get<TakeMedium>();

    private StoredMedia Media => spine.Get<StoredMedia>();

    [Fact]
    public async Task Keeps_the_very_bytes_of_an_upload()
    {
        var (tenant, bytes) = (await spine.TenantAsync(credit: 0), await Recordings.FiveSecondsAsync("mp3"));
        var (medium, _) = await Take.UploadAsync(tenant, Guid.NewGuid(), Convert.ToBase64String(bytes));

        Assert.Equal("mp3", medium!.Extension);
        Assert.Equal(bytes, await Media.ReadAsync(tenant, medium.MediaUuid, CancellationToken.None));
    }

    [Theory]
    [InlineData("RIFF")]
    [InlineData("<html></html>")]
    public async Task Refuses_what_is_no_audio_and_keeps_nothing(string text)
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var (_, refusal) = await Take.UploadAsync(tenant, Guid.NewGuid(), Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(text)));
        Assert.Equal(MediumFault.Invalid, refusal!.Fault);
        Assert.Equal(0L, await CountAsync(tenant));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public async Task A_recording_lasts_3_to_60_seconds(int seconds, bool isTaken)
    {
        var source = Convert.ToBase64String(await Recordings.ToneAsync("flac", seconds, "-ar", "24000"));
        var (medium, refusal) = await Take.UploadAsync(await spine.TenantAsync(credit: 0), Guid.NewGuid(), source);
        Assert.Equal(isTaken, medium is not null);
        Assert.Equal(isTaken ? null : new MediumRefusal(MediumFault.Invalid, "must last 3 to 60 seconds"), refusal);
    }

    [Fact]
    public async Task A_recording_has_at_most_10_mebibytes()
    {
        const int most = 10 * 1024 * 1024;
        var tenant = await spine.TenantAsync(credit: 0);
        var (_, tooLarge) = await Take.UploadAsync(tenant, Guid.NewGuid(), Convert.ToBase64String(new byte[most + 1]));
        var (_, silence) = await Take.UploadAsync(tenant, Guid.NewGuid(), Convert.ToBase64String(new byte[most]));
        Assert.Equal((MediumFault.TooLarge, MediumFault.Invalid), (tooLarge!.Fault, silence!.Fault));
    }

    [Fact]
    public async Task An_upload_that_is_sent_again_gives_the_same_medium()
    {
        var (tenant, upload, source) = (await spine.TenantAsync(credit: 0), Guid.NewGuid(), await SourceAsync("wav"));

        var all = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(() => Take.UploadAsync(tenant, upload, source))));

        Assert.Single(all.Select(taken => taken.Medium!.MediaUuid).Distinct());
        Assert.Equal(1L, await CountAsync(tenant));
        Assert.Single(Files(), file => file.Contains(all[0].Medium!.MediaUuid.ToString("N"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_file_under_the_same_uuid_is_a_conflict_until_the_first_is_deleted()
    {
        var (tenant, upload) = (await spine.TenantAsync(credit: 0), Guid.NewGuid());
        var (first, _) = await Take.UploadAsync(tenant, upload, await SourceAsync("wav"));
        Assert.Equal(MediumFault.Conflict, (await Take.UploadAsync(tenant, upload, await SourceAsync("mp3"))).Refusal!.Fault);

        Assert.True(await Media.DeleteAsync(tenant, first!.MediaUuid));
        Assert.NotNull((await Take.UploadAsync(tenant, upload, await SourceAsync("mp3"))).Medium);
    }

    [Fact]
    public async Task Two_tenants_share_neither_uuids_nor_files()
    {
        var (one, other) = (await spine.TenantAsync(credit: 0), await spine.TenantAsync(credit: 0));
        var (upload, source) = (Guid.NewGuid(), await SourceAsync("flac"));
        var (first, _) = await Take.UploadAsync(one, upload, source);
        var (second, _) = await Take.UploadAsync(other, upload, source);

        Assert.NotEqual(first!.MediaUuid, second!.MediaUuid);
        Assert.Equal(MediumFault.NotFound, (await Take.ForTaskAsync(other, Guid.NewGuid(), first.MediaUuid.ToString())).Refusal!.Fault);
        Assert.Null(await Media.ReadAsync(other, first.MediaUuid, CancellationToken.None));
        Assert.False(await Media.DeleteAsync(other, first.MediaUuid));
        Assert.NotNull(await Media.ReadAsync(one, first.MediaUuid, CancellationToken.None));
    }

    [Fact]
    public async Task A_recording_that_comes_with_many_tasks_is_stored_once()
    {
        var (tenant, source) = (await spine.TenantAsync(credit: 0), await SourceAsync("ogg"));

        var all = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => Task.Run(() => Take.ForTaskAsync(tenant, Guid.NewGuid(), source))));

        Assert.Single(all.Select(taken => taken.Medium!.MediaUuid).Distinct());
        Assert.Equal(1L, await CountAsync(tenant));
        Assert.Equal(10L, await spine.AskAsync<long>(
            "select count(*) from media_uses where media_uuid = $1", all[0].Medium!.MediaUuid));
    }

    [Fact]
    public async Task A_task_that_brings_what_is_uploaded_already_uses_the_upload()
    {
        var (tenant, source) = (await spine.TenantAsync(credit: 0), await SourceAsync("wav"));
        var (uploaded, _) = await Take.UploadAsync(tenant, Guid.NewGuid(), source);
        var (used, _) = await Take.ForTaskAsync(tenant, Guid.NewGuid(), "data:audio/wav;base64," + source);
        Assert.Equal(uploaded, used);
    }

    [Fact]
    public async Task A_deleted_medium_is_found_by_nobody_new()
    {
        var (tenant, source) = (await spine.TenantAsync(credit: 0), await SourceAsync("wav"));
        var (medium, _) = await Take.UploadAsync(tenant, Guid.NewGuid(), source);

        Assert.True(await Media.DeleteAsync(tenant, medium!.MediaUuid));

        Assert.False(await Media.DeleteAsync(tenant, medium.MediaUuid));
        Assert.Equal(MediumFault.NotFound, (await Take.ForTaskAsync(tenant, Guid.NewGuid(), medium.MediaUuid.ToString())).Refusal!.Fault);
        Assert.NotEqual(medium.MediaUuid, (await Take.ForTaskAsync(tenant, Guid.NewGuid(), source)).Medium!.MediaUuid);
    }

    [Theory]
    [InlineData(2, long.MaxValue)]
    [InlineData(1000, 1_000_000)]
    public async Task A_tenant_keeps_no_more_than_it_may_however_many_come_at_once(int most, long bytes)
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var source = await SourceAsync("wav");
        var options = Options.Create(new StoredMediaOptions { MaxPerTenant = most, MaxBytesPerTenant = bytes });
        var stored = new StoredMedia(spine.Database, spine.Get<IBlobStore>(), spine.Get<VerifiedBlobs>(), options);
        using var take = new TakeMedium(spine.Get<FetchMedium>(), stored, options, TimeProvider.System);

        var all = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => take.UploadAsync(tenant, Guid.NewGuid(), source))));

        Assert.Equal(2, all.Count(taken => taken.Medium is not null));
        Assert.All(all.Where(taken => taken.Medium is null), taken => Assert.Equal(MediumFault.NoRoom, taken.Refusal!.Fault));
        Assert.Equal(2L, await CountAsync(tenant));
        Assert.NotNull((await take.ForTaskAsync(tenant, Guid.NewGuid(), await SourceAsync("flac"))).Medium);
    }

    [Fact]
    public async Task What_comes_with_tasks_has_a_room_of_its_own()
    {
        var tenant = await spine.TenantAsync(credit: 0);
        var options = Options.Create(new StoredMediaOptions { MaxPerTenant = 0, MaxTaskBytesPerTenant = 450_000 });
        var stored = new StoredMedia(spine.Database, spine.Get<IBlobStore>(), spine.Get<VerifiedBlobs>(), options);
        using var take = new TakeMedium(spine.Get<FetchMedium>(), stored, options, TimeProvider.System);
        var (first, _) = await take.ForTaskAsync(tenant, Guid.NewGuid(), await SourceAsync("wav"));
        Assert.NotNull(first);

        var (_, refusal) = await take.ForTaskAsync(tenant, Guid.NewGuid(), await SourceAsync("flac"));
        Assert.Equal(MediumFault.NoRoom, refusal!.Fault);
        Assert.Contains("450000 bytes", refusal.Reason, StringComparison.Ordinal);

        // The same recording takes nothing more, and one that is deleted makes room.
        Assert.Equal(first, (await take.ForTaskAsync(tenant, Guid.NewGuid(), await SourceAsync("wav"))).Medium);
        await stored.DeleteAsync(tenant, first.MediaUuid);
        Assert.NotNull((await take.ForTaskAsync(tenant, Guid.NewGuid(), await SourceAsync("flac"))).Medium);
    }

    [Fact]
    public async Task Only_so_many_of_a_tenant_are_taken_in_at_once_and_who_waits_too_long_is_refused()
    {
        var (crowd, other, time) = (await spine.TenantAsync(credit: 0), await spine.TenantAsync(credit: 0), new ManualTime());
        var options = Options.Create(new StoredMediaOptions { MaxDownloads = 3, MaxDownloadsPerTenant = 2, WaitSeconds = 10 });
        using var take = new TakeMedium(spine.Get<FetchMedium>(), Media, options, time);
        List<Task<TakenMedium>> hanging;
        await using (var silent = RawReceiver.Start(""))
        {
            hanging = [.. Enumerable.Range(0, 2).Select(_ => take.ForTaskAsync(crowd, Guid.NewGuid(), silent.Url))];
            await Poll.UntilAsync("both ask the server", () => Task.FromResult(silent.Connections == 2));

            var third = take.ForTaskAsync(crowd, Guid.NewGuid(), await SourceAsync("wav"));
            Assert.NotNull((await take.ForTaskAsync(other, Guid.NewGuid(), await SourceAsync("wav"))).Medium);
            await time.WaitForTimersAsync();
            time.Advance(TimeSpan.FromSeconds(10));

            Assert.Equal(MediumFault.Busy, (await third.SoonAsync()).Refusal!.Fault);
            Assert.All(hanging, one => Assert.False(one.IsCompleted));
        }

        await Task.WhenAll(hanging).SoonAsync();
        Assert.NotNull((await take.ForTaskAsync(crowd, Guid.NewGuid(), await SourceAsync("flac"))).Medium);
    }

    private static async Task<string> SourceAsync(string extension) => Convert.ToBase64String(await Recordings.FiveSecondsAsync(extension));

    private string[] Files() => Directory.GetFiles(spine.Get<IOptions<StorageOptions>>().Value.Folder, "*", SearchOption.AllDirectories);

    private Task<long> CountAsync(Guid tenant) =>
        spine.AskAsync<long>("select count(*) from media where tenant_id = $1 and stored_at is not null and deleted_at is null", tenant);
}
