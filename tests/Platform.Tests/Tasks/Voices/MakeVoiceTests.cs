using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Delivery;
using Platform.Engines;
using Platform.Storage;
using Platform.Tasks.Voices;
using Platform.Tenants.Voices;
using Platform.Tests.Catalog;
using Platform.Tests.Engines.DashScope;
using Platform.Tests.Media;
using Xunit;

namespace Platform.Tests.Tasks.Voices;

public sealed class MakeVoiceTests(SpineFixture spine) : IClassFixture<SpineFixture>, IAsyncLifetime
{
    private const string Flash = "alibaba:qwen@3-tts-flash";

    private FakeDashScope provider = null!;
    private VoiceOptions options = new();

    private TenantVoices Voices => spine.Get<TenantVoices>();

    public async ValueTask InitializeAsync() => provider = await FakeDashScope.StartAsync();

    public ValueTask DisposeAsync() => provider.DisposeAsync();

    [Fact]
    public async Task A_clone_is_made_written_down_and_speaks_for_its_owner_alone()
    {
        var (owner, other) = (await spine.TenantAsync(), await spine.TenantAsync());
        var (voice, error) = await MakeAsync(await CloneAsync(owner));

        Assert.Null(error);
        Assert.Equal((TenantVoice.Cloned, "provider", Flash), (voice!.Kind, voice.Engine, voice.Model));
        Assert.Contains(voice.Label, voice.ProviderName, StringComparison.Ordinal);
        Assert.Equal(voice.VoiceId, Assert.Single(await Voices.ListForTenantAsync(owner, CancellationToken.None)).VoiceId);
        Assert.Null(await Voices.FindForTenantAsync(other, voice.VoiceId, CancellationToken.None));
        Assert.Null(await RefusalAsync(owner, voice.VoiceId, Flash));
        Assert.Equal("invalidSpeechVoice", await RefusalAsync(other, voice.VoiceId, Flash));
        Assert.Equal("invalidSpeechVoice", await RefusalAsync(owner, voice.VoiceId, "alibaba:cosyvoice@3-plus"));

        // The recording was needed for the making alone.
        Assert.Equal(0L, await spine.AskAsync<long>("select count(*) from media_uses where task_id = $1", voice.VoiceId));
        Assert.Equal("voice.create key 1", await spine.AskAsync<string>(
            "select action || ' ' || actor from audit_log where subject = $1", voice.VoiceId.ToString()));
    }

    [Fact]
    public async Task A_clone_follows_the_consent_of_its_recording_and_its_own()
    {
        var tenant = await spine.TenantAsync();
        await spine.Get<VoiceRules>().SetAsync(tenant, static row => row.RequireConsent = true, "key 1", CancellationToken.None);
        var wish = await CloneAsync(tenant);
        Assert.Equal("permissionDenied", (await MakeAsync(wish)).Error!.Code);
        Assert.Empty(provider.Voices.Orders);

        var (voice, _) = await MakeAsync(wish with { Consent = new ConsentDraft("Ada", "Audio guides", null) });
        Assert.Null(await RefusalAsync(tenant, voice!.VoiceId, Flash));
        var consent = Assert.Single(await spine.Get<Consents>().ListForTenantAsync(tenant, null, 10, CancellationToken.None));
        Assert.Equal(voice.VoiceId, consent.VoiceId);

        await spine.Get<Consents>().RevokeAsync(tenant, consent.ConsentId, "key 1", CancellationToken.None);
        Assert.Equal("permissionDenied", await RefusalAsync(tenant, voice.VoiceId, Flash));
    }

    [Fact]
    public async Task A_designed_voice_is_nobodys_and_needs_no_consent()
    {
        var tenant = await spine.TenantAsync();
        await spine.Get<VoiceRules>().SetAsync(tenant, static row => row.RequireConsent = true, "key 1", CancellationToken.None);
        var (voice, _) = await MakeAsync(new VoiceWish
        {
            TenantId = tenant, Actor = "key 1", Name = "Sailor", Model = "alibaba:cosyvoice@3.5-flash", Description = "An old sailor.",
        });
        Assert.Equal(TenantVoice.Designed, voice!.Kind);
        Assert.Null(await RefusalAsync(tenant, voice.VoiceId, "alibaba:cosyvoice@3.5-flash"));
    }

    [Theory]
    [InlineData(400, "DataInspectionFailed", "contentPolicyViolation")]
    [InlineData(400, "InvalidParameter", "inferenceError")]
    [InlineData(401, "InvalidApiKey", "serviceUnavailable")]
    [InlineData(429, "Throttling", "serviceUnavailable")]
    [InlineData(500, "", "serviceUnavailable")]
    public async Task A_provider_that_refuses_leaves_no_voice(int status, string code, string error)
    {
        var tenant = await spine.TenantAsync();
        provider.Instead = async (_, context) =>
        {
            await FakeDashScope.RefuseAsync(context, status, code);
            return true;
        };
        Assert.Equal(error, (await MakeAsync(await CloneAsync(tenant))).Error!.Code);
        Assert.Empty(await Voices.ListForTenantAsync(tenant, CancellationToken.None));
    }

    [Fact]
    public async Task A_tenant_has_so_many_and_no_more()
    {
        var tenant = await spine.TenantAsync();
        options = new VoiceOptions { MaxPerTenant = 1 };
        var wish = await CloneAsync(tenant);
        var (first, _) = await MakeAsync(wish);
        Assert.Equal("payloadTooLarge", (await MakeAsync(wish)).Error!.Code);
        Assert.True(await Voices.DeleteAsync(tenant, first!.VoiceId, "key 1", CancellationToken.None));
        Assert.NotNull((await MakeAsync(wish)).Voice);
    }

    [Fact]
    public async Task Deleted_voices_count_for_a_day()
    {
        var tenant = await spine.TenantAsync();
        options = new VoiceOptions { MaxPerTenantADay = 2 };
        var wish = await CloneAsync(tenant);
        for (var i = 0; i < 2; i++)
        {
            Assert.True(await Voices.DeleteAsync(tenant, (await MakeAsync(wish)).Voice!.VoiceId, "key 1", CancellationToken.None));
        }

        var asked = provider.Voices.Orders.Count;
        var error = (await MakeAsync(wish)).Error!;

        Assert.Equal(("rateLimitExceeded", 3600), (error.Code, error.RetryAfterSeconds));
        Assert.Equal(asked, provider.Voices.Orders.Count);
        Assert.NotNull((await MakeAsync(await CloneAsync(await spine.TenantAsync()))).Voice);
    }

    [Theory]
    [InlineData("alibaba:qwen@3-tts-instruct-flash", "modelNotFound")]
    [InlineData("minimax:speech@2.8-hd", "modelNotFound")]
    [InlineData("nobody:model@1", "modelNotFound")]
    public async Task A_model_without_voices_of_ones_own_has_none_made(string model, string code) =>
        Assert.Equal(code, (await MakeAsync(await CloneAsync(await spine.TenantAsync()) with { Model = model })).Error!.Code);

    [Theory]
    [InlineData("UklGRg==", "invalidAudio")]
    [InlineData("4a9082fd-1865-4261-a0bc-c6cfe96001fc", "mediaNotFound")]
    [InlineData("http://10.0.0.1/a.wav", "invalidAudio")]
    public async Task A_recording_that_cannot_be_used_is_refused_before_anybody_is_asked(string audio, string code)
    {
        var error = (await MakeAsync(await CloneAsync(await spine.TenantAsync()) with { Audio = audio })).Error!;
        Assert.Equal((code, "audio"), (error.Code, error.Parameter));
        Assert.Empty(provider.Voices.Orders);
    }

    [Fact]
    public async Task The_provider_forgets_what_was_deleted_and_what_was_never_finished()
    {
        var tenant = await spine.TenantAsync();
        var (kept, _) = await MakeAsync(await CloneAsync(tenant));
        var (deleted, _) = await MakeAsync(await CloneAsync(tenant));
        var (broken, _) = await MakeAsync(await CloneAsync(tenant));
        Assert.True(await Voices.DeleteAsync(tenant, deleted!.VoiceId, "key 1", CancellationToken.None));
        Assert.False(await Voices.DeleteAsync(tenant, deleted.VoiceId, "key 1", CancellationToken.None));

        // As a process leaves it that was killed before it could write down what the provider had made.
        await spine.ExecuteAsync(
            "update voices set made_at = null, provider_name = null, target_model = null, created_at = now() - interval '1 hour' where voice_id = $1",
            broken!.VoiceId);
        provider.Instead = async (_, context) =>
        {
            await FakeDashScope.RefuseAsync(context, 503, "");
            return true;
        };
        await ForgetAsync();
        Assert.Equal(3, provider.Voices.Names.Count);

        provider.Instead = null;
        await ForgetAsync();
        Assert.Equal([kept!.ProviderName!], provider.Voices.Names);
        Assert.Equal(1L, await spine.AskAsync<long>("select count(*) from voices where tenant_id = $1", tenant));
    }

    private async Task<VoiceWish> CloneAsync(Guid tenant) => new()
    {
        TenantId = tenant,
        Actor = "key 1",
        Name = "Narrator",
        Model = Flash,
        Audio = Convert.ToBase64String(await Recordings.FiveSecondsAsync("mp3")),
        Transcript = "Just a tone.",
    };

    private Task<VoiceMade> MakeAsync(VoiceWish wish)
    {
        var recordings = new TakeRecording(
            spine.Get<TakeMedium>(), spine.Get<StoredMedia>(), spine.Get<AudioLinks>(), spine.Get<UseVoice>(), Options.Create(new StoredMediaOptions()));
        var makers = new VoiceMakers(SampleTask.Catalog, Offer(), Options.Create(options));
        return new MakeVoice(recordings, Voices, spine.Get<Consents>(), makers, TimeProvider.System).RunAsync(wish, CancellationToken.None);
    }

    private Task ForgetAsync() => new ForgetVoices(Voices, Offer(), NullLogger<ForgetVoices>.Instance).RunAsync(CancellationToken.None);

    private EngineOffer Offer() => Offered.By(provider.Engine());

    private async Task<string?> RefusalAsync(Guid tenant, Guid voiceId, string model)
    {
        var task = Sample.Task(tenant, "pool");
        return (await spine.Get<UseVoice>().FindRefusalAsync(task with { Spec = task.Spec with { Voice = voiceId.ToString(), Model = model } }))?.Code;
    }
}
