using Microsoft.Extensions.Options;
using Platform.Delivery;
using Platform.Engines;
using Platform.Tasks;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class RetryPolicyTests
{
    private static readonly EngineFailure Passing = new("speak", "busy", "The engine was busy.", RetryHelps: true);

    private readonly RetryPolicy policy = new(Options.Create(new TasksOptions { MaxAttempts = 4, RetryDelaySeconds = 0.5 }));

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public void Waits_twice_as_long_before_each_further_attempt(int attempt, double seconds)
    {
        var settlement = policy.AfterFailure(Attempt(attempt), Passing);

        Assert.Equal((TaskState.Pending, TimeSpan.FromSeconds(seconds)), (settlement.NextState, settlement.Delay));
    }

    [Fact]
    public void Gives_up_after_the_last_attempt()
    {
        Assert.Equal(TaskState.Failed, policy.AfterFailure(Attempt(4), Passing).NextState);
        Assert.Equal(TaskState.Failed, policy.AfterLostLease(Guid.NewGuid(), Guid.NewGuid(), 4).NextState);
    }

    [Fact]
    public void Tries_nothing_again_that_cannot_help()
    {
        var settlement = policy.AfterFailure(Attempt(1), Passing with { RetryHelps = false });

        Assert.Equal(TaskState.Failed, settlement.NextState);
        Assert.Equal("The engine was busy.", ItemJson.ReadError(settlement.Error).Message);
    }

    [Fact]
    public void A_lost_lease_counts_like_a_failure_and_settles_under_its_own_token()
    {
        var (task, token) = (Guid.NewGuid(), Guid.NewGuid());

        var settlement = policy.AfterLostLease(task, token, 2);

        Assert.Equal((task, token, TaskState.Pending), (settlement.TaskId, settlement.LeaseToken, settlement.NextState));
        Assert.NotNull(settlement.Error);
    }

    private static ClaimedTask Attempt(int attempt) => new()
    {
        TaskId = Guid.NewGuid(),
        TenantId = Guid.NewGuid(),
        TaskUuid = Guid.NewGuid(),
        Model = "",
        LeaseToken = Guid.NewGuid(),
        Attempt = attempt,
        NumberResults = 1,
        PricePerResult = 1,
        Seed = 1,
        Deadline = default,
        Request = [],
        Finished = [],
    };
}
