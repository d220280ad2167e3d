using Platform.Api;
using Xunit;

namespace Platform.Tests.Api;

public sealed class IncomingRoomTests
{
    private readonly IncomingRoom room = new(bytes: 1_000_000, bytesPerTenant: 600_000);
    private readonly Guid tenant = Guid.NewGuid();

    [Fact]
    public void Small_ones_take_nothing()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(room.Enter(tenant).TryReach(IncomingRoom.Free));
        }

        Assert.True(room.Enter(tenant).TryReach(600_000));
    }

    [Fact]
    public void A_tenant_has_its_part_and_no_more_while_another_has_the_rest()
    {
        var first = room.Enter(tenant);
        Assert.True(first.TryReach(100_000));
        Assert.True(first.TryReach(500_000));
        var second = room.Enter(tenant);

        Assert.False(second.TryReach(100_001));
        Assert.Equal(("rateLimitExceeded", 2), (second.Refusal!.Code, second.Refusal.RetryAfterSeconds));
        Assert.True(room.Enter(Guid.NewGuid()).TryReach(500_000));
    }

    [Fact]
    public void A_room_that_is_full_is_nobodys_fault()
    {
        Assert.True(room.Enter(tenant).TryReach(600_000));
        Assert.True(room.Enter(Guid.NewGuid()).TryReach(400_000));
        var late = room.Enter(Guid.NewGuid());

        Assert.False(late.TryReach(70_000));
        Assert.Equal("serviceUnavailable", late.Refusal!.Code);
    }

    [Fact]
    public void It_is_given_back_when_the_last_task_lets_go_and_once()
    {
        var lease = room.Enter(tenant);
        Assert.True(lease.TryReach(600_000));
        lease.Share(2);

        lease.Release();
        Assert.False(room.Enter(tenant).TryReach(100_000));
        lease.Release();
        lease.Release();

        Assert.True(room.Enter(tenant).TryReach(600_000));
        Assert.True(room.Enter(Guid.NewGuid()).TryReach(400_000));
        Assert.False(room.Enter(Guid.NewGuid()).TryReach(70_000));
    }

    [Fact]
    public void What_could_not_grow_keeps_and_gives_back_what_it_had()
    {
        var lease = room.Enter(tenant);
        Assert.True(lease.TryReach(300_000));
        Assert.False(lease.TryReach(700_000));
        lease.Release();
        Assert.True(room.Enter(tenant).TryReach(600_000));
    }
}
