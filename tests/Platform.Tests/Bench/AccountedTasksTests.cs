using Platform.Bench.Measures;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class AccountedTasksTests
{
    private static readonly AccountedTasks Right = new(100, 0, 0, 0, 0);

    [Fact]
    public void Is_content_when_everything_was_settled_once() => Assert.Empty(Right.FindFaults(answered: 100, failed: 0));

    [Fact]
    public void Leaves_it_open_whether_a_failed_request_was_accepted()
    {
        Assert.Empty(Right.FindFaults(answered: 95, failed: 5));
        Assert.Empty(Right.FindFaults(answered: 100, failed: 5));
    }

    [Fact]
    public void Misses_an_accepted_task() => Assert.Contains("1 of 101", Assert.Single(Right.FindFaults(101, 0)), StringComparison.Ordinal);

    [Fact]
    public void Sees_a_task_that_nobody_sent() =>
        Assert.Contains("only 99", Assert.Single(Right.FindFaults(98, 1)), StringComparison.Ordinal);

    [Fact]
    public void Names_each_thing_that_does_not_add_up()
    {
        var wrong = Right with { Unsettled = 1, WithoutOneResult = 2, WithoutOneCapture = 3, HeldMicroUsd = 400 };
        Assert.Equal(4, wrong.FindFaults(100, 0).Count);
    }
}
