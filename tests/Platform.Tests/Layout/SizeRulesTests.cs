using Xunit;

namespace Platform.Tests.Layout;

public sealed class SizeRulesTests
{
    [Fact]
    public void Catches_a_file_that_is_too_long()
    {
        var finding = Assert.Single(SizeRules.CheckFiles([FileOf(10), FileOf(10), FileOf(401)]), found => found.Limit is "400");
        Assert.Equal("src/Platform/Tasks/Of401.cs:1: the file has 401 lines; limit: 400", finding.ToString());
    }

    [Fact]
    public void Catches_a_median_that_is_too_long() =>
        Assert.Contains("median", Assert.Single(SizeRules.CheckFiles([FileOf(10), FileOf(81), FileOf(90)])).What, StringComparison.Ordinal);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 2)]
    public void Lets_one_file_in_ten_be_longer_than_usual(int longOnes, int expected)
    {
        SourceFile[] files =
            [.. Enumerable.Range(0, 10 - longOnes).Select(_ => FileOf(20)), .. Enumerable.Range(0, longOnes).Select(_ => FileOf(201))];
        Assert.Equal(expected, SizeRules.CheckFiles(files).Count());
    }

    [Fact]
    public void Catches_a_line_that_is_too_long()
    {
        var file = SourceFile.Of("src/X.cs", $"{new string('/', 160)}\n{new string('/', 161)}\n");
        Assert.Equal("src/X.cs:2: the line has 161 characters; limit: 160", Assert.Single(SizeRules.CheckLines([file])).ToString());
    }

    [Fact]
    public void Catches_a_method_that_is_too_long_and_says_where()
    {
        var method = $"    /// <summary>Not counted.</summary>\n    [Obsolete]\n    void Long()\n    {{\n{Lines(69)}    }}\n";
        var file = SourceFile.Of("src/X.cs", $"class C\n{{\n{method}{Short(40)}}}\n");
        var finding = Assert.Single(SizeRules.CheckMethods([file]));
        Assert.Equal("Long has 72 lines", finding.What);
        Assert.Equal("70", finding.Limit);
    }

    [Theory]
    [InlineData(39, 1, 0)]
    [InlineData(10, 1, 1)]
    public void Lets_one_method_in_twenty_be_longer_than_usual(int shortOnes, int longOnes, int expected)
    {
        var file = SourceFile.Of("src/X.cs", $"class C\n{{\n{Short(shortOnes)}    void Long()\n    {{\n{Lines(33 + longOnes)}    }}\n}}\n");
        Assert.Equal(expected, SizeRules.CheckMethods([file]).Count());
    }

    [Theory]
    [InlineData("class C { void M(int a, int b, int c, int d, int e, int f) { } }")]
    [InlineData("class C { C(int a, int b, int c, int d, int e, int f) { } }")]
    [InlineData("class C(int a, int b, int c, int d, int e, int f);")]
    [InlineData("struct C(int a, int b, int c, int d, int e, int f);")]
    [InlineData("interface C { void M(int a, int b, int c, int d, int e, int f); }")]
    [InlineData("class C { void M() { void L(int a, int b, int c, int d, int e, int f) { } } }")]
    public void Catches_six_parameters(string code) =>
        Assert.Contains("takes 6", Assert.Single(Parameters(code)).What, StringComparison.Ordinal);

    [Theory]
    [InlineData("class C { void M(int a, int b, int c, int d, int e) { } }")]
    [InlineData("record C(int a, int b, int c, int d, int e, int f);")]
    [InlineData("record struct C(int a, int b, int c, int d, int e, int f);")]
    [InlineData("delegate void C(int a, int b, int c, int d, int e, int f);")]
    [InlineData("partial class C { [LibraryImport(\"x\")] static partial void M(int a, int b, int c, int d, int e, int f); }")]
    [InlineData("class C { [DllImport(\"x\")] static extern void M(int a, int b, int c, int d, int e, int f); }")]
    [InlineData("class C { [UnmanagedCallersOnly(CallConvs = [])] static void M(int a, int b, int c, int d, int e, int f) { } }")]
    [InlineData("class C { override void M(int a, int b, int c, int d, int e, int f) { } }")]
    public void Leaves_alone_what_others_decide_and_what_is_only_data(string code) => Assert.Empty(Parameters(code));

    private static IEnumerable<Finding> Parameters(string code) => SizeRules.CheckParameters([SourceFile.Of("src/X.cs", code)]);

    private static SourceFile FileOf(int lines) =>
        SourceFile.Of($"src/Platform/Tasks/Of{lines}.cs", string.Concat(Enumerable.Repeat("//\n", lines)));

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("        Go();\n", count));

    private static string Short(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"    void M{i}() => Go();\n"));
}
