using Platform.Tasks;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class WorkSlotTests
{
    [Fact]
    public void What_is_spoken_gives_its_place_at_once_and_only_once()
    {
        using var finishing = new SemaphoreSlim(1);
        var freed = 0;
        var slot = new WorkSlot("a pool", () => freed++, finishing);

        slot.FreeAfterSpeech();
        slot.FreeAfterSpeech();

        Assert.Equal((1, 0), (freed, finishing.CurrentCount));
        slot.Dispose();
        Assert.Equal((1, 1), (freed, finishing.CurrentCount));
    }

    [Fact]
    public void What_only_waits_for_its_customers_server_takes_no_room_from_those_that_finish()
    {
        using var finishing = new SemaphoreSlim(1);
        var freed = 0;
        var slot = new WorkSlot("a pool", () => freed++, finishing);

        slot.FreeAfterSpeech();
        slot.Free();
        slot.FreeAfterSpeech();

        Assert.Equal((1, 1), (freed, finishing.CurrentCount));
        slot.Dispose();
        Assert.Equal((1, 1), (freed, finishing.CurrentCount));
    }

    [Fact]
    public void What_finds_no_room_after_the_engine_keeps_its_place_until_it_is_settled()
    {
        using var finishing = new SemaphoreSlim(1);
        var freed = new List<string>();
        var first = new WorkSlot("a pool", () => freed.Add("first"), finishing);
        var second = new WorkSlot("a pool", () => freed.Add("second"), finishing);

        first.FreeAfterSpeech();
        second.FreeAfterSpeech();

        Assert.Equal(["first"], freed);
        second.Dispose();
        Assert.Equal(["first", "second"], freed);
        Assert.Equal(0, finishing.CurrentCount);
        first.Dispose();
        Assert.Equal(1, finishing.CurrentCount);
    }
}
