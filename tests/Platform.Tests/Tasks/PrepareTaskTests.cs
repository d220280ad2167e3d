using System.Text;
using Microsoft.Extensions.Options;
using Platform.Catalog;
using Platform.Messaging;
using Platform.Tasks;
using Platform.Tenants;
using Platform.Tenants.Limits;
using Platform.Tests.Catalog;
using Platform.Tests.Fixtures;
using Xunit;

namespace Platform.Tests.Tasks;

public sealed class PrepareTaskTests
{
    private readonly NodeIdentity node = new();
    private readonly ManualTime time = new();

    [Fact]
    public void A_valid_task_is_priced_and_carries_what_was_sent()
    {
        var task = Prepare(SampleTask.Text("\"numberResults\":3"));

        // 12 characters at 0.50 USD a million, rounded up to 0.0001 USD.
        Assert.Equal(100, task.PricePerResult);
        Assert.Equal(3, task.Spec.NumberResults);
        Assert.Equal(SampleTask.Text("\"numberResults\":3"), Encoding.UTF8.GetString(task.Request.Span));
        Assert.Equal("qwen3_tts_customvoice", task.Pool);
        Assert.Equal(Guid.Parse(SampleTask.Uuid), task.TaskUuid);
        Assert.InRange(task.Seed, 0, int.MaxValue - 100);
    }

    [Fact]
    public void Its_id_is_ordered_by_time_so_that_old_tasks_are_found_by_it()
    {
        var first = Prepare(SampleTask.Text());
        time.Advance(TimeSpan.FromMilliseconds(1));
        var second = Prepare(SampleTask.Text());

        Assert.Equal(7, first.TaskId.Version);
        Assert.True(string.CompareOrdinal(first.TaskId.ToString(), second.TaskId.ToString()) < 0);
    }

    [Fact]
    public void A_tiny_task_counts_for_more_than_its_letters()
    {
        var (tiny, usual) = (Prepare(SampleTask.Text().Replace("Hello there.", "a", StringComparison.Ordinal)), Prepare(SampleTask.Text()));
        Assert.InRange((double)usual.VirtualCost / tiny.VirtualCost, 1, 1.2);
    }

    [Theory]
    [InlineData(1, 336_000)]
    [InlineData(4, 84_000)]
    [InlineData(1000, 336)]
    public void Its_share_of_the_pool_is_its_work_by_its_tenants_weight(int weight, long cost) =>
        Assert.Equal(cost, Prepare(SampleTask.Text("\"numberResults\":3"), weight).VirtualCost);

    [Fact]
    public void Only_a_synchronous_task_names_the_node_that_waits()
    {
        Assert.Equal(node.Id, Prepare(SampleTask.Text()).Waiter);
        Assert.Null(Prepare(SampleTask.Text("\"deliveryMethod\":\"async\"")).Waiter);
    }

    [Fact]
    public void A_bad_task_comes_back_with_all_its_errors()
    {
        var prepared = Run(SampleTask.Text("\"numberResults\":0,\"colour\":1"), weight: 1);

        Assert.Null(prepared.Task);
        Assert.Equal(["invalidNumberResults", "unknownParameter"], Codes(prepared));
    }

    [Fact]
    public void White_space_is_not_kept_and_what_is_still_too_large_is_refused()
    {
        var blanks = new string(' ', 1 << 20);
        var task = Prepare(SampleTask.Text("\"numberResults\":3") + blanks);
        Assert.Equal(SampleTask.Text("\"numberResults\":3"), Encoding.UTF8.GetString(task.Request.Span));

        var padded = Prepare(SampleTask.Text($"\"numberResults\":{blanks}3"));
        Assert.Equal(
            SampleTask.Text("\"numberResults\":3").ReplaceLineEndings("").Replace(", \"", ",\"", StringComparison.Ordinal),
            Encoding.UTF8.GetString(padded.Request.Span));

        // Every field as long as it may be, and each character spelled as long as it can.
        var longest = SampleTask.Text(
            $"\"positivePrompt\":\"{Spelled(10_000)}\",\"uploadEndpoint\":\"http://a.example/{Spelled(8100)}\","
            + $"\"webhookURL\":\"http://a.example/{Spelled(2000)}\"")
            .Replace("Hello there.", Spelled(2000), StringComparison.Ordinal);
        Assert.Equal(["payloadTooLarge"], Codes(Run(longest, weight: 1)));

        static string Spelled(int characters) => string.Concat(Enumerable.Repeat("\\ud83d\\ude00", characters));
    }

    private static string[] Codes(Prepared prepared) =>
        [.. prepared.Errors.Select(error => error.Code).Order(StringComparer.Ordinal)];

    private NewTask Prepare(string text, int weight = 1)
    {
        var prepared = Run(text, weight);
        Assert.Empty(prepared.Errors);
        return prepared.Task!;
    }

    private Prepared Run(string text, int weight)
    {
        var prices = Sample.Quotes();
        var parsed = StrictJson.Parse(Encoding.UTF8.GetBytes(text), maxTasks: 1);
        return new PrepareTask(Offered.Check(), prices, Options.Create(new LimitsOptions()), node, time)
            .RunAsync(new Caller(Guid.NewGuid(), Guid.NewGuid(), weight, IsSuspended: false), parsed.Tasks!.Single()).AsTask().GetAwaiter().GetResult();
    }
}
