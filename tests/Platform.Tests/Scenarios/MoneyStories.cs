using Platform.Tests.Crash;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What a customer pays.</summary>
[Collection(Stories.Name)]
public sealed class MoneyStories(Stages stages)
{
    [Theory]
    [BothModes(1, 1, 0.0001)]
    [BothModes(200, 1, 0.0001)]
    [BothModes(201, 1, 0.0002)]
    [BothModes(1200, 3, 0.0006)]
    public async Task The_cost_shown_is_the_price_and_what_the_ledger_took(Mode mode, int characters, int results, double price)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync(usd: 1);
        var text = string.Concat(Enumerable.Repeat("good day ", 200))[..characters];

        var items = await customer.SpeakAsync(Ask.ForSpeech(text, $$"""{"includeCost":true,"numberResults":{{results}}}"""));

        Assert.Equal(Enumerable.Repeat((decimal)price, results), items.Select(item => (decimal)item["cost"]!));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
        var left = await stage.AskAsync<long>("select balance from accounts where tenant_id = $1", customer.TenantId);
        Assert.Equal(1_000_000 - items.Sum(item => (long)((decimal)item["cost"]! * 1_000_000)), left);
    }

    [Theory]
    [BothModes]
    public async Task Characters_are_code_points_and_not_bytes(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync(usd: 1);

        // 200 code points are 600 bytes of UTF-8; one emoji is two UTF-16 units.
        var chinese = await customer.SpeakAsync(Ask.ForSpeech(string.Concat(Enumerable.Repeat("你好", 100)), """{"includeCost":true}"""));
        var emoji = await customer.SpeakAsync(
            Ask.ForSpeech(new string('a', 100) + string.Concat(Enumerable.Repeat("😀", 100)), """{"includeCost":true}"""));

        Assert.Equal(0.0001m, (decimal)chinese[0]["cost"]!);
        Assert.Equal(0.0001m, (decimal)emoji[0]["cost"]!);
    }

    [Theory]
    [BothModes]
    public async Task Without_credit_nothing_is_accepted_and_with_just_enough_it_is(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync(usd: 0.0003m);
        var tooDear = Ask.ForSpeech(more: """{"numberResults":4}""");

        var refused = await customer.SendAsync(tooDear);

        Assert.Equal((402, "insufficientCredits"), (refused.Status, refused.Code));
        Assert.Contains("0.0004 USD", (string?)refused.Error["message"], StringComparison.Ordinal);
        Assert.Contains("/v1/topups", (string?)refused.Error["message"], StringComparison.Ordinal);
        Assert.Equal(Ask.UuidOf(tooDear), (string?)refused.Error["taskUUID"]);
        Assert.Equal(
            (404, "taskNotFound"), (await customer.PollAsync(Ask.UuidOf(tooDear))) is var poll ? (poll.Status, poll.Code) : default);
        tooDear["numberResults"] = 3;
        Assert.Equal(3, (await customer.SpeakAsync(tooDear)).Length);
        Assert.Equal("insufficientCredits", (await customer.SendAsync(Ask.ForSpeech())).Code);
        await new Books(stage.Source).CheckAsync(customer.TenantId);
    }

    [Theory]
    [BothModes]
    public async Task A_batch_over_the_credit_is_accepted_as_far_as_it_goes(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync(usd: 0.0005m);

        var reply = await customer.SendAsync([.. Enumerable.Range(0, 12).Select(_ => Ask.ForSpeech())]);

        Assert.Equal((200, 5, 7), (reply.Status, reply.Items.Length, reply.Errors.Length));
        Assert.All(reply.Errors, error => Assert.Equal("insufficientCredits", (string?)error["code"]));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
    }

    [Theory]
    [BothModes]
    public async Task Of_200_submissions_at_once_with_credit_for_50_exactly_50_are_accepted(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync(usd: 0.005m);

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => customer.SendAsync(Ask.ForSpeech("Good morning."))));

        Assert.Equal(50, replies.Count(reply => reply.Status == 200));
        Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal((402, "insufficientCredits"), (reply.Status, reply.Code)));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
        Assert.Equal("0 0", await stage.AskAsync<string>(
            "select balance || ' ' || held from accounts where tenant_id = $1", customer.TenantId));
        Assert.Equal(0L, await stage.AskAsync<long>(
            "select count(*) from ledger_entries where tenant_id = $1 and balance_after - held_after < 0", customer.TenantId));
    }

    [Theory]
    [BothModes]
    public async Task Of_identical_submissions_at_once_exactly_one_is_accepted(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var customer = await stage.NewCustomerAsync(usd: 1);
        var task = Ask.ForSpeech();

        var replies = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => customer.SendAsync(task)));

        Assert.Single(replies, reply => reply.Status == 200);
        Assert.All(
            replies.Where(reply => reply.Status != 200), reply => Assert.Equal((400, "conflictTaskUUID"), (reply.Status, reply.Code)));
        await new Books(stage.Source).CheckAsync(customer.TenantId);
        Assert.Equal(1_000_000 - 100, await stage.AskAsync<long>("select balance from accounts where tenant_id = $1", customer.TenantId));
    }
}
