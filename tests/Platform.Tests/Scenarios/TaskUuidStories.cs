using System.Text.Json.Nodes;
using Xunit;

namespace Platform.Tests.Scenarios;

/// <summary>What the contract's section 2 says of <c>taskUUID</c>, beside the conflict that <see cref="BadInputStories"/> tells.</summary>
[Collection(Stories.Name)]
public sealed class TaskUuidStories(Stages stages)
{
    [Theory]
    [BothModes]
    public async Task Two_tenants_may_use_the_same_one_and_each_sees_its_own(Mode mode)
    {
        var stage = await stages.OnAsync(mode);
        var (one, other) = (await stage.NewCustomerAsync(), await stage.NewCustomerAsync());
        var task = Ask.ForSpeech();

        var first = Assert.Single(await one.SpeakAsync(task));
        var second = Assert.Single(await other.SpeakAsync(task));

        Assert.NotEqual(AudioOf(first), AudioOf(second));
        Assert.Equal(AudioOf(first), AudioOf((await one.PollAsync(Ask.UuidOf(task))).Item));
        Assert.Equal(AudioOf(second), AudioOf((await other.PollAsync(Ask.UuidOf(task))).Item));
    }

    [Theory]
    [BothModes]
    public async Task It_comes_back_as_it_was_sent(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var task = Ask.ForSpeech();
        task["taskUUID"] = Ask.UuidOf(task).ToUpperInvariant();

        var item = Assert.Single(await customer.SpeakAsync(task));

        Assert.Equal(Ask.UuidOf(task), (string?)item["taskUUID"]);
    }

    [Theory]
    [BothModes]
    public async Task A_request_refused_by_validation_takes_none(Mode mode)
    {
        var customer = await (await stages.OnAsync(mode)).NewCustomerAsync();
        var task = Ask.ForSpeech(more: """{"numberResults":9}""");

        Assert.Equal("invalidNumberResults", (await customer.SendAsync(task)).Code);
        Assert.Equal("taskNotFound", (await customer.PollAsync(Ask.UuidOf(task))).Code);
        task["numberResults"] = 1;

        Assert.Single(await customer.SpeakAsync(task));
    }

    private static Guid AudioOf(JsonObject item) => (Guid)item["audioUUID"]!;
}
