using Microsoft.EntityFrameworkCore;
using Platform.Persistence;
using Platform.Tenants;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Tenants;

public sealed class FindCallerTests : IClassFixture<SpineFixture>
{
    private readonly SpineFixture spine;
    private readonly ManualTime time = new();
    private readonly FindCaller callers;

    public FindCallerTests(SpineFixture spine)
    {
        this.spine = spine;
        callers = new FindCaller(spine.Get<IDbContextFactory<PlatformDb>>(), time);
    }

    [Fact]
    public async Task A_key_leads_to_its_tenant()
    {
        var (tenant, key, text) = await KeyAsync(weight: 5);

        Assert.Equal(new Caller(tenant, key.KeyId, 5, IsSuspended: false), await FindAsync(text));
    }

    [Fact]
    public async Task Its_limits_come_with_it()
    {
        var (tenant, _, text) = await KeyAsync();
        await spine.ExecuteAsync("update tenants set requests_per_second = 7, max_queued = 9 where tenant_id = $1", tenant);

        Assert.Equal(new TenantLimits { RequestsPerSecond = 7, MaxQueued = 9 }, (await FindAsync(text))!.Limits);
    }

    [Fact]
    public async Task Only_the_hash_and_a_prefix_of_a_key_are_stored()
    {
        var (_, key, text) = await KeyAsync();

        var row = await spine.AskAsync<string>("select row_to_json(k)::text from api_keys k where key_id = $1", key.KeyId);

        Assert.Contains(KeyText.PrefixOf(text), row, StringComparison.Ordinal);
        Assert.DoesNotContain(text[^20..], row, StringComparison.Ordinal);
        Assert.Equal(KeyText.HashOf(text), await spine.AskAsync<byte[]>("select key_hash from api_keys where key_id = $1", key.KeyId));
    }

    [Fact]
    public async Task A_revoked_key_is_refused_within_five_seconds_and_believed_for_three()
    {
        var (_, key, text) = await KeyAsync();
        Assert.NotNull(await FindAsync(text));
        await spine.ExecuteAsync("update api_keys set revoked_at = now() where key_id = $1", key.KeyId);

        time.Advance(TimeSpan.FromSeconds(2.9));
        Assert.NotNull(await FindAsync(text));
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(await FindAsync(text));
    }

    [Fact]
    public async Task A_suspension_and_its_lifting_are_seen_within_five_seconds()
    {
        var (tenant, _, text) = await KeyAsync();
        Assert.False((await FindAsync(text))!.IsSuspended);

        await spine.ExecuteAsync("update tenants set suspended_at = now() where tenant_id = $1", tenant);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.True((await FindAsync(text))!.IsSuspended);

        await spine.ExecuteAsync("update tenants set suspended_at = null where tenant_id = $1", tenant);
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False((await FindAsync(text))!.IsSuspended);
    }

    [Fact]
    public async Task A_key_ends_when_it_says()
    {
        var (_, key, text) = await KeyAsync();
        await spine.ExecuteAsync("update api_keys set expires_at = $2 where key_id = $1", key.KeyId, time.GetUtcNow().AddMinutes(1));

        Assert.NotNull(await FindAsync(text));
        time.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(await FindAsync(text));
    }

    [Fact]
    public async Task A_key_that_exists_nowhere_is_remembered_as_such_but_a_new_one_is_seen_soon()
    {
        var (_, key, text) = await KeyAsync();
        await spine.ExecuteAsync("update api_keys set revoked_at = now() where key_id = $1", key.KeyId);
        Assert.Null(await FindAsync(text));
        await spine.ExecuteAsync("update api_keys set revoked_at = null where key_id = $1", key.KeyId);

        Assert.Null(await FindAsync(text));
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.NotNull(await FindAsync(text));
    }

    [Fact]
    public async Task A_guesser_fills_no_memory()
    {
        var bounded = new FindCaller(spine.Get<IDbContextFactory<PlatformDb>>(), time) { LargestMemory = 10 };

        for (var i = 0; i < 35; i++)
        {
            Assert.Null(await bounded.FindAsync(KeyText.Make("live"), TestContext.Current.CancellationToken));
            Assert.InRange(bounded.Remembered, 1, 10);
        }
    }

    [Fact]
    public async Task Guesses_do_not_make_the_platform_forget_its_customers()
    {
        var bounded = new FindCaller(spine.Get<IDbContextFactory<PlatformDb>>(), time) { LargestMemory = 10 };
        var (_, key, text) = await KeyAsync();
        Assert.NotNull(await bounded.FindAsync(text, TestContext.Current.CancellationToken));
        await spine.ExecuteAsync("update api_keys set revoked_at = now() where key_id = $1", key.KeyId);

        for (var i = 0; i < 25; i++)
        {
            await bounded.FindAsync(KeyText.Make("live"), TestContext.Current.CancellationToken);
        }

        // It is believed for its three seconds still, so it was not asked for again.
        Assert.NotNull(await bounded.FindAsync(text, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Guesses_take_few_connections_and_a_customers_key_none_of_theirs()
    {
        var (_, _, text) = await KeyAsync();
        Assert.NotNull(await FindAsync(text));
        await using var other = new Npgsql.NpgsqlConnection(spine.ConnectionString);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new Npgsql.NpgsqlCommand("lock table api_keys in access exclusive mode", other))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var guesses = Enumerable.Range(0, 40).Select(_ => FindAsync(KeyText.Make("live"))).ToList();
        await Poll.UntilAsync("four of them ask", async () => await WaitingAsync() == 4);
        time.Advance(TimeSpan.FromSeconds(3));
        var known = FindAsync(text);
        await Poll.UntilAsync("the customer's key is asked for beside them", async () => await WaitingAsync() == 5);

        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(await known.SoonAsync());
        Assert.All(await Task.WhenAll(guesses).SoonAsync(), Assert.Null);
    }

    [Fact]
    public async Task Guesses_wait_in_a_queue_of_so_many_and_leave_it_with_their_callers()
    {
        var bounded = new FindCaller(spine.Get<IDbContextFactory<PlatformDb>>(), time) { LargestQueue = 10 };
        await using var other = new Npgsql.NpgsqlConnection(spine.ConnectionString);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new Npgsql.NpgsqlCommand("lock table api_keys in access exclusive mode", other))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        using var gone = new CancellationTokenSource();
        var asking = Enumerable.Range(0, 4).Select(_ => Ask(CancellationToken.None)).ToList();
        await Poll.UntilAsync("four of them ask", async () => await WaitingAsync() == 4);
        var left = Enumerable.Range(0, 10).Select(_ => Ask(gone.Token)).ToList();
        await Assert.ThrowsAsync<KeysWaitException>(() => Ask(CancellationToken.None));

        await gone.CancelAsync();
        foreach (var one in left)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        }

        await Poll.UntilAsync("they have left the queue", () => Task.FromResult(bounded.Waiting == 0));
        var after = Ask(CancellationToken.None);
        Assert.False(after.IsCompleted);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        Assert.All(await Task.WhenAll([.. asking, after]).SoonAsync(), Assert.Null);

        Task<Caller?> Ask(CancellationToken cancellation) => bounded.FindAsync(KeyText.Make("live"), cancellation).AsTask();
    }

    [Fact]
    public async Task Whoever_waited_with_a_caller_that_left_is_answered_all_the_same()
    {
        var bounded = new FindCaller(spine.Get<IDbContextFactory<PlatformDb>>(), time);
        var (_, _, text) = await KeyAsync();
        await using var other = new Npgsql.NpgsqlConnection(spine.ConnectionString);
        await other.OpenAsync(TestContext.Current.CancellationToken);
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new Npgsql.NpgsqlCommand("lock table api_keys in access exclusive mode", other))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var guesses = Enumerable.Range(0, 4).Select(_ => bounded.FindAsync(KeyText.Make("live"), CancellationToken.None).AsTask()).ToList();
        await Poll.UntilAsync("four of them ask", async () => await WaitingAsync() == 4);
        using var gone = new CancellationTokenSource();
        var first = bounded.FindAsync(text, gone.Token).AsTask();
        var second = bounded.FindAsync(text, TestContext.Current.CancellationToken).AsTask();

        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);

        Assert.NotNull(await second.SoonAsync());
        Assert.All(await Task.WhenAll(guesses).SoonAsync(), Assert.Null);
    }

    private Task<long> WaitingAsync() => spine.AskAsync<long>(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");

    [Fact]
    public async Task What_is_no_key_at_all_is_refused_without_being_remembered()
    {
        Assert.Null(await FindAsync("rw_live_hello"));

        Assert.Equal(0, callers.Remembered);
    }

    private async Task<Caller?> FindAsync(string text) => await callers.FindAsync(text, TestContext.Current.CancellationToken);

    private async Task<(Guid Tenant, ApiKey Key, string Text)> KeyAsync(int weight = 1)
    {
        var register = spine.Get<RegisterTenants>();
        var tenant = await register.CreateTenantAsync("a tenant", weight, TestContext.Current.CancellationToken);
        var (key, text) = await register.CreateKeyAsync(tenant.TenantId, "live", "a key", TestContext.Current.CancellationToken);
        return (tenant.TenantId, key, text);
    }
}
