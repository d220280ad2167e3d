using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Ledger;
using Platform.Ledger.Promotions;
using Platform.Persistence;
using Platform.Tasks;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Ledger;

/// <summary>Random lives of tasks and accounts. A failing seed is the whole reproduction for the sequential ones.</summary>
public sealed class LedgerPropertyTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    [Theory]
    [InlineData(1)]
    [InlineData(20260)]
    [InlineData(777_777)]
    public async Task Whatever_happens_in_a_row_the_books_are_in_order_and_agree_with_what_was_answered(int seed)
    {
        var world = await World.CreateAsync(spine, tenants: 3);
        var random = new Random(seed);
        for (var step = 1; step <= 240; step++)
        {
            await world.StepAsync(random);
            if (step % 40 == 0)
            {
                await Books.AssertInOrderAsync(spine);
            }
        }

        await world.AssertBalancesAsync();
    }

    [Theory]
    [InlineData(5)]
    [InlineData(99)]
    public async Task Whatever_happens_at_once_the_books_are_in_order_and_agree_with_what_was_answered(int seed)
    {
        var world = await World.CreateAsync(spine, tenants: 3);
        for (var round = 0; round < 3; round++)
        {
            var first = seed + (round * 100);
            await Task.WhenAll(Enumerable.Range(first, 8).Select(one => Task.Run(async () =>
            {
                var random = new Random(one);
                for (var step = 0; step < 60; step++)
                {
                    await world.StepAsync(random);
                }
            })));
            await Books.AssertInOrderAsync(spine);
        }

        await world.AssertBalancesAsync();
    }

    private sealed class World(SpineFixture spine, string pool, List<Guid> tenants)
    {
        private readonly ConcurrentDictionary<Guid, long> expected = new(tenants.ToDictionary(tenant => tenant, _ => 2000L));
        private readonly ConcurrentDictionary<(Guid Task, int Index), bool> delivered = new();
        private readonly ConcurrentDictionary<Guid, Guid> tasks = new();
        private readonly ConcurrentQueue<ClaimedTask> claims = new();

        public static async Task<World> CreateAsync(SpineFixture spine, int tenants)
        {
            var list = new List<Guid>();
            for (var i = 0; i < tenants; i++)
            {
                list.Add(await spine.TenantAsync(credit: 2000));
            }

            return new World(spine, await spine.PoolAsync(), list);
        }

        public Task StepAsync(Random random) => random.Next(18) switch
        {
            0 or 1 or 2 or 3 => AcceptAsync(random),
            4 or 5 => ClaimAsync(random),
            6 or 7 => SettleAsync(random, TaskState.Running),
            8 or 9 => SettleAsync(random, TaskState.Succeeded),
            10 => SettleAsync(random, random.Next(2) == 0 ? TaskState.Failed : TaskState.Pending),
            11 => CancelAsync(random),
            12 => BookAsync(random, random.Next(1, 300), isAdjustment: false),
            13 => BookAsync(random, -random.Next(1, 300), isAdjustment: false),
            14 => BookAsync(random, random.Next(-200, 200) | 1, isAdjustment: true),
            15 => RefundAsync(random),
            16 => GrantAsync(random),
            _ => new ExpirePromotions(Contexts, TimeProvider.System, NullLogger<ExpirePromotions>.Instance)
                .RunForTenantAsync(tenants[random.Next(tenants.Count)], CancellationToken.None),
        };

        // Independent of the ledger: what callers were told is booked and delivered.
        public async Task AssertBalancesAsync()
        {
            foreach (var tenant in tenants)
            {
                // Time alone decides what expires; all else was told to callers.
                var expired = await spine.AskAsync<decimal>(
                    "select coalesce(sum(amount), 0) from ledger_entries where tenant_id = $1 and kind = 'expiry'", tenant);
                Assert.Equal(
                    expected[tenant] - expired, await spine.AskAsync<long>("select balance from accounts where tenant_id = $1", tenant));
            }

            Assert.NotEmpty(delivered);
        }

        private async Task AcceptAsync(Random random)
        {
            var tenant = tenants[random.Next(tenants.Count)];
            var task = Sample.Task(tenant, pool, results: random.Next(1, 5)) with { PricePerResult = random.Next(1, 90) };
            if (await spine.Accept.AcceptAsync(task) == Acceptance.Accepted)
            {
                tasks[task.TaskId] = tenant;
            }
        }

        private async Task ClaimAsync(Random random)
        {
            foreach (var task in await spine.Claim.ClaimAsync(pool, random.Next(1, 4), CancellationToken.None))
            {
                // Some twice, so that stale tokens come back long after their attempt.
                claims.Enqueue(task);
                if (random.Next(3) == 0)
                {
                    claims.Enqueue(task);
                }
            }
        }

        private async Task SettleAsync(Random random, string state)
        {
            if (!claims.TryDequeue(out var task))
            {
                return;
            }

            var missing = Enumerable.Range(0, task.NumberResults).Where(index => !task.Finished.Contains((short)index)).ToArray();
            foreach (var index in state == TaskState.Succeeded ? missing.SkipLast(1) : [])
            {
                await BringAsync(task, Sample.Settle(task, TaskState.Running, index), index);
            }

            int? result = state switch
            {
                TaskState.Succeeded when missing.Length > 0 => missing[^1],
                TaskState.Running when missing.Length > 0 => missing[random.Next(missing.Length)],
                _ => null,
            };
            var settlement = Sample.Settle(task, state, result);
            if (state == TaskState.Pending && random.Next(2) == 0)
            {
                settlement = settlement with { Error = null };
            }

            await BringAsync(task, settlement, result);
            if (state == TaskState.Running)
            {
                claims.Enqueue(task);
            }
        }

        private async Task BringAsync(ClaimedTask task, Settlement settlement, int? result)
        {
            if (await spine.Settle.SettleAsync(settlement) && result is { } index && delivered.TryAdd((task.TaskId, index), true))
            {
                expected.AddOrUpdate(task.TenantId, 0, (_, sum) => sum - task.PricePerResult);
            }
        }

        private async Task CancelAsync(Random random)
        {
            var known = tasks.ToArray();
            if (known.Length > 0)
            {
                await spine.Settle.SettleAsync(Sample.Close(known[random.Next(known.Length)].Key));
            }
        }

        private async Task RefundAsync(Random random)
        {
            var known = delivered.Keys.ToArray();
            if (known.Length == 0)
            {
                return;
            }

            var (taskId, index) = known[random.Next(known.Length)];
            var tenant = tasks[taskId];
            var order = new RefundOrder(tenant, $"refund {random.Next(60)}", "")
            {
                TaskUuid = random.Next(2) == 0 ? await spine.AskAsync<Guid>("select task_uuid from tasks where task_id = $1", taskId) : null,
            };
            order = order.TaskUuid is not null ? order : order with
            {
                AudioUuid = await spine.AskAsync<Guid>(
                    "select audio_uuid from task_results where task_id = $1 and result_index = $2", taskId, (short)index),
            };
            var refund = await new RefundTask(spine.Database).RunAsync(order, "test", CancellationToken.None);
            if (refund.Outcome == RefundOutcome.Booked)
            {
                expected.AddOrUpdate(tenant, 0, (_, sum) => sum + refund.Amount);
            }
        }

        private async Task GrantAsync(Random random)
        {
            var order = new GrantOrder(
                tenants[random.Next(tenants.Count)], random.Next(1, 300), $"grant {random.Next(40)}", "",
                TimeProvider.System.GetUtcNow().AddMilliseconds(random.Next(1, 800)));
            if ((await new GrantCredit(Contexts).RunAsync(order, "test", CancellationToken.None)).IsNew)
            {
                expected.AddOrUpdate(order.TenantId, 0, (_, sum) => sum + order.Amount);
            }
        }

        private IDbContextFactory<PlatformDb> Contexts => spine.Get<IDbContextFactory<PlatformDb>>();

        private async Task BookAsync(Random random, long amount, bool isAdjustment)
        {
            var tenant = tenants[random.Next(tenants.Count)];
            try
            {
                // Few references, so that many come twice.
                var order = new CreditOrder(tenant, amount, $"payment {random.Next(60)}", "") { IsAdjustment = isAdjustment };
                if ((await spine.Get<AddCredit>().BookAsync(order, "test", CancellationToken.None)).IsNew)
                {
                    expected.AddOrUpdate(tenant, 0, (_, sum) => sum + amount);
                }
            }
            catch (InsufficientCreditException)
            {
                Assert.True(amount < 0);
            }
        }
    }
}
