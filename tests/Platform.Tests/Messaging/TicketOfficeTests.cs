using Platform.Messaging;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Messaging;

public sealed class TicketOfficeTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private TicketOffice Office => spine.Get<TicketOffice>();

    [Fact]
    public async Task An_announcement_sends_a_ticket_to_its_pool_alone()
    {
        using var mine = await spine.TicketsOfAsync("mine");
        using var other = await spine.TicketsOfAsync("other");

        Office.Announce("mine");

        await mine.WaitAsync(TestContext.Current.CancellationToken).SoonAsync();
        Assert.Equal(0, other.CurrentCount);
    }

    [Fact]
    public async Task A_burst_of_announcements_shares_a_few_tickets()
    {
        using var tickets = await spine.TicketsOfAsync("busy");
        for (var i = 0; i < 10_000; i++)
        {
            Office.Announce("busy");
        }

        await tickets.WaitAsync(TestContext.Current.CancellationToken).SoonAsync();
        Assert.InRange(tickets.CurrentCount, 0, 2_000);
    }

    [Fact]
    public async Task An_announcement_after_a_ticket_has_come_always_sends_another()
    {
        using var tickets = await spine.TicketsOfAsync("again");
        for (var i = 0; i < 200; i++)
        {
            Office.Announce("again");
            await tickets.WaitAsync(TestContext.Current.CancellationToken).SoonAsync();
        }

        Assert.Equal(0, tickets.CurrentCount);
    }

    [Fact]
    public async Task A_pool_that_nobody_serves_harms_nobody()
    {
        Office.Announce("nobody");
        using var mine = await spine.TicketsOfAsync("after");

        Office.Announce("after");

        await mine.WaitAsync(TestContext.Current.CancellationToken).SoonAsync();
    }
}
