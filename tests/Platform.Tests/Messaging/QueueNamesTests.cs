using Microsoft.Extensions.Options;
using Platform.Messaging;
using Xunit;

namespace Platform.Tests.Messaging;

public sealed class QueueNamesTests
{
    [Fact]
    public void Every_queue_has_a_name_of_its_own_that_begins_with_the_prefix()
    {
        var names = Over("amqp://broker");

        string[] all = [names.OfPool("a"), names.OfPool("b"), names.OfKnocks("a"), names.OfKnocks("b"), names.NodeQueue, names.Webhooks];

        Assert.Equal(all.Length, all.Distinct(StringComparer.Ordinal).Count());
        Assert.All(all, static name => Assert.StartsWith("mine-", name, StringComparison.Ordinal));
    }

    [Fact]
    public void Knocks_go_to_an_exchange_of_their_own_and_nowhere_in_memory()
    {
        Assert.Equal("exchange:mine-knocks-a", Over("amqp://broker").AddressOfKnocks("a")!.OriginalString);
        Assert.Null(Over("").AddressOfKnocks("a"));
    }

    private static QueueNames Over(string uri) => new(Options.Create(new BrokerOptions { Uri = uri, Prefix = "mine" }), new NodeIdentity());
}
