using Platform.Catalog;
using Xunit;

namespace Platform.Tests.Catalog;

public sealed class TaskUuidTests
{
    [Theory]
    [InlineData("4a9082fd-1865-4261-80bc-c6cfe96001fc")]
    [InlineData("4a9082fd-1865-4261-bfff-c6cfe96001fc")]
    [InlineData("4A9082FD-1865-4261-A0BC-C6CFE96001FC")]
    public void Takes_version_four_of_the_usual_variant(string text)
    {
        Assert.True(TaskUuid.TryParse(text, out var uuid));
        Assert.Equal(text, uuid.ToString(), ignoreCase: true);
    }

    [Fact]
    public void Reads_upper_and_lower_case_as_the_same()
    {
        Assert.True(TaskUuid.TryParse(SampleTask.Uuid, out var lower));
        Assert.True(TaskUuid.TryParse(SampleTask.Uuid.ToUpperInvariant(), out var upper));
        Assert.Equal(lower, upper);
    }

    [Theory]
    [InlineData('1')]
    [InlineData('3')]
    [InlineData('5')]
    [InlineData('7')]
    [InlineData('0')]
    public void Takes_other_versions_only_where_any_will_do(char version)
    {
        var text = $"4a9082fd-1865-{version}261-a0bc-c6cfe96001fc";
        Assert.False(TaskUuid.TryParse(text, out _));
        Assert.True(TaskUuid.TryParseAny(text, out _));
    }

    [Theory]
    [InlineData('7')]
    [InlineData('c')]
    [InlineData('f')]
    public void Refuses_another_variant(char variant) => Assert.False(TaskUuid.TryParse($"4a9082fd-1865-4261-{variant}0bc-c6cfe96001fc", out _));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("4a9082fd18654261a0bcc6cfe96001fc")]
    [InlineData("{4a9082fd-1865-4261-a0bc-c6cfe96001fc}")]
    [InlineData(" 4a9082fd-1865-4261-a0bc-c6cfe96001f")]
    [InlineData("0xa9082fd-1865-4261-a0bc-c6cfe96001fc")]
    [InlineData("4a9082fd-1865-4261-a0bc-c6cfe96001fc ")]
    public void Refuses_every_other_spelling(string? text)
    {
        Assert.False(TaskUuid.TryParse(text, out _));
        Assert.False(TaskUuid.TryParseAny(text, out _));
    }
}
