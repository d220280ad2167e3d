using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Catalog;
using Platform.Ledger;
using Platform.Ledger.Promotions;
using Platform.Persistence;
using Platform.Pricing;
using Platform.Tasks;
using Platform.Tenants;

namespace Platform.Bench.Soak;

/// <summary>Customers with accounts and tasks, and the ways in which tasks get into trouble.</summary>
internal sealed class SoakWorld(IServiceProvider services, SoakPlan plan, SoakFigures figures)
{
    private const string Pool = "soak";
    private const long Opening = 5_000_000;

    private readonly List<Guid> _tenants = [];
    private readonly ConcurrentQueue<NewTask> _accepted = new();
    private readonly ConcurrentQueue<ClaimedTask> _stale = new();
    private readonly byte[] _request = Encoding.UTF8.GetBytes(
        """
        {"taskType":"audioInference","taskUUID":"5a3f2b0e-5a0e-4f6e-8a3c-1d2e3f4a5b6c","model":"alibaba:qwen@3-tts-1.7b-customvoice",
         "speech":{"text":"Hello."}}
        """);

    private SpeechSpec? _spec;
    private int _references;

    public async Task BeginAsync(CancellationToken cancellation)
    {
        _spec = Get<ModelCatalog>().Interpret(_request);
        await ExecuteAsync("insert into pools (pool) values ($1) on conflict do nothing", cancellation, Pool);
        for (var i = 0; i < plan.Tenants; i++)
        {
            var tenant = await Get<RegisterTenants>().CreateTenantAsync($"soak {i}", weight: 1 + i, cancellation);
            await Get<AddCredit>().RunAsync(tenant.TenantId, Opening, "opening", "for a soak", cancellation);
            _tenants.Add(tenant.TenantId);
        }
    }

    /// <summary>One customer's task: some by the character, some by the second, some free; now and then sent twice at once.</summary>
    public async Task SubmitAsync(Random random)
    {
        var task = Draw(random);
        var outcomes = new List<Acceptance>();
        switch (random.Next(40))
        {
            case 0:
                // A customer's double: another task of ours under the same taskUUID, at the same time.
                var other = task with { TaskId = Guid.CreateVersion7() };
                outcomes.AddRange(await Task.WhenAll(Get<AcceptTasks>().AcceptAsync(task), Get<AcceptTasks>().AcceptAsync(other)));
                Count(() => figures.Duplicates++);
                break;
            case 1:
                // One whose first answer was lost on the way: the same once more.
                outcomes.Add(await Get<AcceptTasks>().AcceptAsync(task));
                outcomes.Add(await Get<AcceptTasks>().AcceptAsync(task));
                Count(() => figures.Duplicates++);
                break;
            default:
                outcomes.Add(await Get<AcceptTasks>().AcceptAsync(task));
                break;
        }

        if (outcomes.Contains(Acceptance.Accepted))
        {
            Count(() => figures.Accepted++);
            _accepted.Enqueue(task);
        }
        else
        {
            Count(() => figures.Refused++);
        }
    }

    /// <summary>One round of a worker that may fail, fall silent, come back late or send everything twice.</summary>
    public async Task WorkAsync(Random random, CancellationToken cancellation)
    {
        foreach (var task in await Get<ClaimTasks>().ClaimAsync(Pool, random.Next(1, 9), cancellation))
        {
            var missing = Enumerable.Range(0, task.NumberResults).Except(task.Finished.Select(static one => (int)one)).ToList();
            foreach (var index in missing)
            {
                if (!await DoAsync(random, task, index, isLast: index == missing[^1]))
                {
                    break;
                }
            }
        }
    }

    /// <summary>A worker that was taken for dead brings its result after all.</summary>
    public async Task ComeBackLateAsync(Random random)
    {
        if (_stale.TryDequeue(out var task))
        {
            await Get<SettleTasks>().SettleAsync(Finished(random, task, random.Next(task.NumberResults), TaskState.Succeeded));
        }
    }

    public async Task CancelAsync(Random random)
    {
        if (_accepted.TryDequeue(out var task))
        {
            Count(() => figures.Cancels++);
            var close = new Settlement { TaskId = task.TaskId, NextState = TaskState.Cancelled, Error = "{}"u8.ToArray() };
            await Task.WhenAll(Enumerable.Range(0, random.Next(1, 3)).Select(_ => Get<SettleTasks>().SettleAsync(close)));
        }
    }

    /// <summary>Payments, payouts, grants, refunds: several with a reference that was used before.</summary>
    public async Task BookAsync(Random random, CancellationToken cancellation)
    {
        var tenant = _tenants[random.Next(_tenants.Count)];
        var reference = $"soak {(random.Next(4) == 0 ? random.Next(20) : Interlocked.Increment(ref _references))}";
        switch (random.Next(5))
        {
            case 0:
                var end = TimeProvider.System.GetUtcNow().AddSeconds(random.Next(1, 20));
                var grant = new GrantOrder(tenant, random.Next(1, 100_000), "grant " + reference, "soak", end);
                await Get<GrantCredit>().RunAsync(grant, "soak", cancellation);
                break;
            case 1:
                await Get<ExpirePromotions>().RunForTenantAsync(tenant, cancellation);
                break;
            case 2 when _accepted.TryDequeue(out var task):
                var refund = new RefundOrder(task.TenantId, "refund " + reference, "soak") { TaskUuid = task.TaskUuid };
                if ((await Get<RefundTask>().RunAsync(refund, "soak", cancellation)).Outcome == RefundOutcome.Booked)
                {
                    Count(() => figures.Refunds++);
                }

                break;
            default:
                try
                {
                    await Get<AddCredit>().RunAsync(tenant, random.Next(-200_000, 300_000) | 1, reference, "soak", cancellation);
                }
                catch (InsufficientCreditException)
                {
                    // A payout of more than there is: refused, as it should be.
                }

                break;
        }
    }

    /// <summary>Some hours pass, or a clock is set back: leases end, tasks expire, or both take longer than they should.</summary>
    public async Task JumpAsync(Random random, CancellationToken cancellation)
    {
        Count(() => figures.ClockJumps++);
        var jump = random.Next(8) switch
        {
            0 or 1 => TimeSpan.FromSeconds(-20),
            2 => TimeSpan.FromHours(25),
            _ => TimeSpan.FromMinutes(random.Next(1, 50)),
        };
        await ExecuteAsync(
            """
            update open_tasks
               set lease_until = lease_until - $1, available_at = available_at - $1, deadline = deadline - $1
             where task_id in (select task_id from open_tasks order by random() limit 100 for update skip locked)
            """,
            cancellation, jump);
    }

    /// <summary>Everything that is due, and nothing new: until no task is open.</summary>
    public async Task DrainAsync(Random random, CancellationToken cancellation)
    {
        while (await AskAsync("select count(*) from open_tasks", cancellation) > 0)
        {
            await ExecuteAsync(
                "update open_tasks set lease_until = lease_until - interval '1 day', available_at = available_at - interval '1 day'", cancellation);
            await RescueAsync(cancellation);
            await Task.WhenAll(Enumerable.Range(0, plan.Actors).Select(_ => WorkAsync(new Random(random.Next()), cancellation)));
        }

        await ExecuteAsync("update promotions set expires_at = now() where closed_at is null", cancellation);
        await Get<ExpirePromotions>().RunAsync(cancellation);
        await Get<RollUsage>().RunAsync(cancellation);
    }

    public Task RescueAsync(CancellationToken cancellation) => Get<RescueTasks>().RunAsync(cancellation);

    /// <summary>Somewhere in the middle of whatever it does.</summary>
    public async Task KillConnectionAsync(CancellationToken cancellation)
    {
        Count(() => figures.Kills++);
        await ExecuteAsync(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and application_name = 'platform' and state = 'active' and pid <> pg_backend_pid()
             order by random() limit 1
            """,
            cancellation);
    }

    // False when this worker does no more for the task.
    private async Task<bool> DoAsync(Random random, ClaimedTask task, int index, bool isLast)
    {
        switch (random.Next(30))
        {
            case 0:
                Count(() => figures.Crashes++);
                _stale.Enqueue(task);
                return false;
            case 1:
                Count(() => figures.Failures++);
                var failure = new Engines.EngineFailure("speak", "soak", "It broke.", RetryHelps: random.Next(3) > 0);
                await Get<SettleTasks>().SettleAsync(Get<RetryPolicy>().AfterFailure(task, failure) with { Delay = TimeSpan.Zero });
                return false;
            case 2:
                await Get<SettleTasks>().SettleAsync(RetryPolicy.Uncounted(task) with { Delay = TimeSpan.Zero });
                return false;
        }

        var settlement = Finished(random, task, index, isLast ? TaskState.Succeeded : TaskState.Running);
        var calls = Enumerable.Range(0, random.Next(12) == 0 ? 2 : 1).Select(_ => Get<SettleTasks>().SettleAsync(settlement));
        var took = (await Task.WhenAll(calls)).Contains(true);
        if (took)
        {
            Count(() => figures.Delivered++);
        }

        return took && !isLast;
    }

    private static Settlement Finished(Random random, ClaimedTask task, int index, string state)
    {
        var metered = task.Terms is { IsMetered: true } terms
            ? terms.OfResult(TimeSpan.FromSeconds(random.Next(1, 60)), task.MicroUsdPerMillion, task.PricePerResult)
            : ((long Units, long MicroUsd)?)null;
        return new Settlement
        {
            TaskId = task.TaskId,
            LeaseToken = task.LeaseToken,
            NextState = state,
            Result = new FinishedResult
            {
                Index = (short)index,
                AudioUuid = Guid.NewGuid(),
                Size = 1000,
                ExpiresAt = TimeProvider.System.GetUtcNow().AddDays(7),
                BlobKey = $"audio/{task.TaskId}-{index}",
                OutputType = OutputType.Url,
                Cost = metered?.MicroUsd,
                Units = metered?.Units,
                Item = "{}"u8.ToArray(),
            },
        };
    }

    private NewTask Draw(Random random)
    {
        var kind = random.Next(10);
        return new NewTask
        {
            TaskId = Guid.CreateVersion7(),
            TenantId = _tenants[random.Next(_tenants.Count)],
            KeyId = Guid.NewGuid(),
            TaskUuid = Guid.NewGuid(),
            Spec = _spec! with { NumberResults = random.Next(1, 5) },
            Pool = Pool,
            PricePerResult = kind == 0 ? 0 : random.Next(1, 60) * 100,
            PriceVersion = "2020-01-01",
            Units = random.Next(1, 2000),
            MicroUsdPerMillion = 100_000_000,
            Terms = kind == 1 ? new PriceTerms("second", 100, 100) : null,
            Seed = 7,
            VirtualCost = 1000,
            MaxQueued = int.MaxValue,
            Request = _request,
        };
    }

    private T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    private void Count(Action count)
    {
        lock (figures)
        {
            count();
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Get<Database>().Reports.CreateCommand(sql);
        Array.ForEach(values, value => command.Parameters.Add(new() { Value = value }));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<long> AskAsync(string sql, CancellationToken cancellation)
    {
        await using var command = Get<Database>().Reports.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
