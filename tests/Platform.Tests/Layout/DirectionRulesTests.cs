using Xunit;

namespace Platform.Tests.Layout;

public sealed class DirectionRulesTests
{
    [Theory]
    [InlineData("Persistence", "using Platform.Tasks;", "Persistence uses Tasks")]
    [InlineData("Tasks", "using Platform.Api;", "Tasks uses Api")]
    [InlineData("Api", "using static Platform.Hosting.Roles;", "Api uses Hosting")]
    [InlineData("Tenants", "using Alias = Platform.Storage.Blob;", "Tenants uses Storage")]
    [InlineData("Ledger", "global using Platform.Tasks;", "Ledger uses Tasks")]
    [InlineData("Messaging", "using Platform.Persistence;", "Messaging uses Persistence")]
    public void Catches_a_using_that_points_upwards(string slice, string code, string expected) =>
        Assert.Equal(expected, Assert.Single(Check(slice, code)).What);

    [Theory]
    [InlineData("class C { Platform.Tasks.X x; }")]
    [InlineData("class C { global::Platform.Tasks.X x; }")]
    [InlineData("class C { Tasks.X x; }")]
    [InlineData("class C { int x = Tasks.X.Y; }")]
    [InlineData("class C { void M() { Platform.Tasks.X.Go(); } }")]
    [InlineData("class C : Tasks.X<int>;")]
    public void Catches_a_qualified_name_that_points_upwards(string code) =>
        Assert.Equal("Storage uses Tasks", Assert.Single(Check("Storage", code)).What);

    [Theory]
    [InlineData("Tasks", "using Platform.Catalog; using Platform.Persistence; using Platform.Messaging;")]
    [InlineData("Hosting", "using Platform.Api;")]
    [InlineData("Catalog", "using Platform.Media;")]
    [InlineData("Storage", "using Platform.Storage.Folder;")]
    [InlineData("Storage", "using System.Threading.Tasks;")]
    [InlineData("Storage", "/// <see cref=\"Tasks.X\"/>\nclass C; // Platform.Tasks.X")]
    [InlineData("Storage", "class C { Options Tasks { get; } int X => Tasks.Count; int Y => options.Tasks.Count; }")]
    public void Lets_pass_what_points_downwards_or_means_something_else(string slice, string code) => Assert.Empty(Check(slice, code));

    [Fact]
    public void Catches_a_neighbour_that_is_not_on_the_list() =>
        Assert.Equal("Media uses Catalog", Assert.Single(Check("Media", "using Platform.Catalog;")).What);

    [Fact]
    public void Names_file_and_line()
    {
        var finding = Assert.Single(Check("Storage", "using System;\nusing Platform.Tasks;"));
        Assert.StartsWith("src/Platform/Storage/C.cs:2: ", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Catches_a_file_outside_the_slices()
    {
        SourceFile[] files = [SourceFile.Of("src/Platform/C.cs", "class C;"), SourceFile.Of("src/Platform/Common/C.cs", "class C;")];
        Assert.Equal(2, DirectionRules.Check(files).Count());
    }

    [Fact]
    public void Catches_a_namespace_of_another_slice() =>
        Assert.Equal("the namespace is Platform.Tasks", Assert.Single(Check("Storage", "namespace Platform.Tasks;")).What);

    private static IEnumerable<Finding> Check(string slice, string code) =>
        DirectionRules.Check([SourceFile.Of($"src/Platform/{slice}/C.cs", code)]);
}
