using Xunit;

namespace Platform.Tests.Layout;

public sealed class NameRulesTests
{
    [Theory]
    [InlineData("sealed class TaskService;", "Service")]
    [InlineData("interface ITaskManager;", "Manager")]
    [InlineData("record TaskDto;", "Dto")]
    [InlineData("enum TaskInfo { None }", "Info")]
    [InlineData("class Outer { struct InnerData; }", "Data")]
    public void Catches_a_suffix_that_says_nothing(string code, string suffix) =>
        Assert.EndsWith(suffix, Assert.Single(NameRules.CheckSuffixes([SourceFile.Of("src/X.cs", code)])).What, StringComparison.Ordinal);

    [Theory]
    [InlineData("sealed class DataFolder;")]
    [InlineData("sealed class Database;")]
    [InlineData("sealed class ServicePlan { int Data => 1; }")]
    public void Minds_only_the_end_of_a_types_name(string code) => Assert.Empty(NameRules.CheckSuffixes([SourceFile.Of("src/X.cs", code)]));

    [Theory]
    [InlineData("class Open;")]
    [InlineData("public partial class Open;")]
    [InlineData("record Open;")]
    [InlineData("sealed class Outer { class Open; }")]
    public void Catches_an_open_class(string code) => Assert.Contains("Open", Assert.Single(Sealed(code)).What, StringComparison.Ordinal);

    [Theory]
    [InlineData("sealed class C;")]
    [InlineData("static class C;")]
    [InlineData("abstract class C;")]
    [InlineData("struct C;")]
    [InlineData("record struct C;")]
    [InlineData("interface C;")]
    public void Lets_pass_what_cannot_be_inherited_or_says_that_it_must_be(string code) => Assert.Empty(Sealed(code));

    [Fact]
    public void Takes_one_part_of_a_partial_class_for_all()
    {
        SourceFile[] parts = [SourceFile.Of("src/A/C.cs", "sealed partial class C;"), SourceFile.Of("src/A/C.Log.cs", "partial class C;")];
        Assert.Empty(NameRules.CheckSealed(parts));
    }

    private static IEnumerable<Finding> Sealed(string code) => NameRules.CheckSealed([SourceFile.Of("src/X.cs", code)]);
}
