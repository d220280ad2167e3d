using Platform.Bench.Measures;
using Platform.Catalog;
using Platform.Tests.Catalog;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class ValidationTimeTests
{
    [Theory]
    [InlineData(SampleTask.Air)]
    [InlineData(SampleTask.BaseAir)]
    public void Measures_a_valid_task_of_a_thousand_bytes_with_most_fields_set(string air)
    {
        var body = ValidationTime.BodyFor(air);
        Assert.Equal(ValidationTime.TaskBytes, body.Length);
        var task = StrictJson.Parse(body, maxTasks: 50).Tasks!.Single().Json;
        Assert.Empty(SampleTask.Catalog.Check(task).Errors);
        Assert.True(task.Count >= 12);
    }

    [Fact]
    public void Gives_a_time_and_what_is_allocated()
    {
        var figure = ValidationTime.Measure(TimeSpan.Zero, TimeSpan.FromMilliseconds(20));
        Assert.Equal(ValidationTime.TaskBytes, figure.Bytes);
        Assert.InRange(figure.Microseconds, 0.5, 100_000);
        Assert.InRange(figure.Allocated, 1_000, 40_000);
    }
}
