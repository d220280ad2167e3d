using Platform.Bench;
using Xunit;

namespace Platform.Tests.Bench;

public sealed class BenchOptionsTests
{
    [Fact]
    public void Measures_everything_when_nothing_is_said()
    {
        var options = BenchOptions.Parse([])!;
        Assert.Equal(Enum.GetValues<BenchPart>().Length, options.Parts.Count);
        Assert.True(options.NeedsPlatform);
        Assert.False(options.IsQuick);
    }

    [Fact]
    public void Reads_every_option()
    {
        var options = BenchOptions.Parse(
            ["--quick", "--only", "floors", "--only", "Sync", "--slots", "64", "--keep", "--folder", "/x", "--server", "/y.dll",
             "--connections", "256", "--connections", "8"])!;
        Assert.True(options is { IsQuick: true, KeepsFolder: true, Slots: 64, Folder: "/x", Server: "/y.dll" });
        Assert.Equal([BenchPart.Floors, BenchPart.Sync], options.Parts.Order());
        Assert.Equal([256, 8], options.Connections);
    }

    [Theory]
    [InlineData("validation", false, false)]
    [InlineData("floors", true, false)]
    [InlineData("pools", true, false)]
    [InlineData("sync", true, true)]
    public void Starts_only_what_a_part_needs(string part, bool servers, bool platform)
    {
        var options = BenchOptions.Parse(["--only", part])!;
        Assert.Equal((servers, platform), (options.NeedsServers, options.NeedsPlatform));
    }

    [Theory]
    [InlineData("--fast")]
    [InlineData("--only")]
    [InlineData("--only", "everything")]
    [InlineData("--only", "1")]
    [InlineData("--slots", "0")]
    [InlineData("--slots", "-3")]
    [InlineData("--slots")]
    [InlineData("--connections", "0")]
    public void Refuses_what_it_does_not_know(params string[] arguments) => Assert.Null(BenchOptions.Parse(arguments));
}
