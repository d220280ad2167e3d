using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Messaging;
using Platform.Tests.Fixtures;
using Platform.Tests.Tasks;
using Xunit;

namespace Platform.Tests.Messaging;

public sealed class TicketOfficeTests(SpineFixture spine) : IClassFixture<SpineFixture>
{
    private static async Task<WorkAvailable> NextAsync(Channel<WorkAvailable> heard) =>
        await heard.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().SoonAsync();

    private async Task<Channel<WorkAvailable>> ListenAsync(string queue)
    {
        var heard = Channel.CreateUnbounded<WorkAvailable>();
        var endpoint = spine.Get<IBusControl>().ConnectReceiveEndpoint(queue, setup =>
        {
            setup.ConfigureConsumeTopology = false;
            setup.Handler<WorkAvailable>(context => heard.Writer.WriteAsync(context.Message).AsTask());
        });
        await endpoint.Ready;
        return heard;
    }

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
    public async Task Between_processes_every_announcement_knocks_and_a_ticket_follows_ten_times_a_second()
    {
        var pool = $"knocked-{Guid.NewGuid():N}";
        var time = new ManualTime();
        var names = new QueueNames(Options.Create(new BrokerOptions { Uri = "amqp://elsewhere" }), spine.Get<NodeIdentity>());
        var office = new TicketOffice(spine.Get<IBusControl>(), names, time, NullLogger<TicketOffice>.Instance);
        var knocks = await ListenAsync(names.OfKnocks(pool));
        var tickets = await ListenAsync(names.OfPool(pool));

        office.Announce(pool);
        var (first, ticket) = (await NextAsync(knocks), await NextAsync(tickets));
        Assert.Equal((pool, first.KnockId), (ticket.Pool, ticket.KnockId));
        Assert.NotNull(first.KnockId);
        office.Announce(pool);
        var second = await NextAsync(knocks);
        office.Announce(pool);
        var third = await NextAsync(knocks);
        Assert.NotEqual(second.KnockId, third.KnockId);
        await time.WaitForTimersAsync();
        Assert.False(tickets.Reader.TryRead(out _));
        time.Advance(TicketOffice.BetweenTickets);

        Assert.Equal(third.KnockId, (await NextAsync(tickets)).KnockId);
        Assert.False(tickets.Reader.TryRead(out _));
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
