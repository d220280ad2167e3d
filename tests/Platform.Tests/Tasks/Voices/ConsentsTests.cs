using Platform.Catalog;
using Platform.Storage;
using Platform.Tasks;
using Platform.Tasks.Voices;
using Platform.Tenants.Voices;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Tasks.Voices;

public sealed class ConsentsTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static readonly DateTimeOffset s_tomorrow = TimeProvider.System.GetUtcNow().AddDays(1);

    private Consents Consents => spine.Get<Consents>();

    [Fact]
    public async Task A_recording_without_consent_is_taken_unless_the_tenants_rule_asks_for_one()
    {
        var (tenant, medium) = await TenantWithMediumAsync();
        Assert.Null(await JudgeAsync(tenant, medium));

        await RequireAsync(tenant, true);
        var error = await JudgeAsync(tenant, medium);
        Assert.Equal(("permissionDenied", "inputs.audio"), (error!.Code, error.Parameter));
        Assert.Contains("is missing", error.Message, StringComparison.Ordinal);

        await RecordAsync(tenant, medium, s_tomorrow);
        Assert.Null(await JudgeAsync(tenant, medium));
    }

    [Fact]
    public async Task Revoked_and_expired_consent_refuses_whatever_the_rule()
    {
        var (tenant, medium) = await TenantWithMediumAsync();
        var consent = await RecordAsync(tenant, medium, until: null);
        Assert.Null(await JudgeAsync(tenant, medium));

        Assert.NotNull((await Consents.RevokeAsync(tenant, consent.ConsentId, "key 1", CancellationToken.None))!.RevokedAt);
        Assert.Contains("was revoked", (await JudgeAsync(tenant, medium))!.Message, StringComparison.Ordinal);

        // A new one holds beside the old one, until it ends.
        var renewed = await RecordAsync(tenant, medium, s_tomorrow);
        Assert.Null(await JudgeAsync(tenant, medium));
        await spine.ExecuteAsync("update voice_consents set valid_until = now() - interval '1 s' where consent_id = $1", renewed.ConsentId);
        Assert.Contains("has expired", (await JudgeAsync(tenant, medium))!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consent_stands_for_the_same_bytes_under_another_uuid()
    {
        var (tenant, medium) = await TenantWithMediumAsync();
        await RequireAsync(tenant, true);
        await RecordAsync(tenant, medium, s_tomorrow);
        var twin = await UploadAsync(tenant);

        Assert.NotEqual(medium, twin);
        Assert.Null(await JudgeAsync(tenant, twin));
    }

    [Fact]
    public async Task Nobody_elses_medium_voice_or_consent_is_there()
    {
        var ((owner, medium), other) = (await TenantWithMediumAsync(), await spine.TenantAsync());
        var draft = new ConsentDraft("Ada", "Anything", null) { MediaUuid = medium };
        Assert.Null(await Consents.RecordAsync(other, draft, "key 1", CancellationToken.None));
        Assert.Null(await Consents.RecordAsync(owner, new ConsentDraft("Ada", "All", null) { VoiceId = Guid.NewGuid() }, "key 1", CancellationToken.None));

        var consent = await RecordAsync(owner, medium, null);
        Assert.Null(await Consents.RevokeAsync(other, consent.ConsentId, "key 1", CancellationToken.None));
        Assert.Empty(await Consents.ListForTenantAsync(other, null, 10, CancellationToken.None));
        Assert.Equal(consent.ConsentId, Assert.Single(await Consents.ListForTenantAsync(owner, null, 10, CancellationToken.None)).ConsentId);
        Assert.NotNull(await Consents.RevokeAsync(null, consent.ConsentId, "admin x", CancellationToken.None));
    }

    [Fact]
    public async Task Every_change_is_audited_once_and_without_the_person()
    {
        var (tenant, medium) = await TenantWithMediumAsync();
        var consent = await RecordAsync(tenant, medium, null);
        await Consents.RevokeAsync(tenant, consent.ConsentId, "key 2", CancellationToken.None);
        await Consents.RevokeAsync(tenant, consent.ConsentId, "key 3", CancellationToken.None);
        await RequireAsync(tenant, true);

        Assert.Equal("consent.record key 1, consent.revoke key 2, voiceRules.change key 1", await spine.AskAsync<string>(
            """
            select string_agg(action || ' ' || actor, ', ' order by audit_id) from audit_log
             where tenant_id = $1 and (action like 'consent.%' or action like 'voiceRules.%')
            """,
            tenant));
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from audit_log where tenant_id = $1 and after::text like '%Ada%'", tenant));
    }

    [Fact]
    public async Task A_rule_is_set_kept_and_given_back_to_the_platform()
    {
        var tenant = await spine.TenantAsync();
        var rules = spine.Get<VoiceRules>();
        Assert.Equal(new VoiceRule(false, false), await rules.FindAsync(tenant, CancellationToken.None));

        Assert.True(await rules.SetAsync(tenant, static row => row.MarkAudio = true, "key 1", CancellationToken.None));
        await RequireAsync(tenant, true);
        Assert.Equal(new VoiceRule(true, true), await rules.FindAsync(tenant, CancellationToken.None));

        Assert.True(await rules.SetAsync(tenant, static row => row.MarkAudio = null, "key 1", CancellationToken.None));
        Assert.Equal(new VoiceRule(true, false), await rules.FindAsync(tenant, CancellationToken.None));
        Assert.False(await rules.SetAsync(Guid.NewGuid(), static row => row.MarkAudio = true, "key 1", CancellationToken.None));
    }

    private Task<TaskError?> JudgeAsync(Guid tenant, Guid medium) =>
        spine.Get<UseVoice>().FindRefusalAsync(tenant, medium, KeepReference.Parameter);

    private Task<bool> RequireAsync(Guid tenant, bool value) =>
        spine.Get<VoiceRules>().SetAsync(tenant, row => row.RequireConsent = value, "key 1", CancellationToken.None);

    private async Task<VoiceConsent> RecordAsync(Guid tenant, Guid medium, DateTimeOffset? until) => (await Consents.RecordAsync(
        tenant, new ConsentDraft("Ada", "Audio guides", until) { MediaUuid = medium }, "key 1", CancellationToken.None))!;

    private async Task<(Guid Tenant, Guid Medium)> TenantWithMediumAsync()
    {
        var tenant = await spine.TenantAsync();
        return (tenant, await UploadAsync(tenant));
    }

    private async Task<Guid> UploadAsync(Guid tenant) => (await spine.Get<TakeMedium>().UploadAsync(
        tenant, Guid.NewGuid(), Convert.ToBase64String(await Recordings.FiveSecondsAsync("mp3")))).Medium!.MediaUuid;
}
