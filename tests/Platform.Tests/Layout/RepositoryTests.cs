using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Bench;
using Platform.Engines;
using Xunit;

namespace Platform.Tests.Layout;

/// <summary>Holds the rules of the layout over this repository. What the rules themselves catch is in the tests beside this one.</summary>
public sealed class RepositoryTests(ITestOutputHelper output)
{
    private static readonly Type[] Production = [.. typeof(Pcm).Assembly.GetTypes()];
    private static readonly Type[] Everything =
        [.. Production, .. typeof(BenchOptions).Assembly.GetTypes(), .. typeof(RepositoryTests).Assembly.GetTypes()];

    private static SourceTree Tree => SourceTree.Current;

    [Fact]
    public void Finds_the_sources_that_it_is_to_judge()
    {
        var paths = Tree.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        Assert.Contains("src/Platform/Engines/IEngine.cs", paths);
        Assert.Contains("tests/Platform.Tests/Layout/RepositoryTests.cs", paths);
    }

    [Fact]
    public void Keeps_files_short() => Finding.AssertNone(SizeRules.CheckFiles(Tree.Files));

    [Fact]
    public void Numbers_each_log_event_once()
    {
        var pattern = new System.Text.RegularExpressions.Regex(
            @"EventId = (?<id>\d+)", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5));
        var ids = Tree.Files.SelectMany(file => pattern.Matches(string.Join('\n', file.Lines))).Select(static match => match.Groups["id"].Value).ToList();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Keeps_lines_short() => Finding.AssertNone(SizeRules.CheckLines(Tree.Files));

    [Fact]
    public void Keeps_methods_short() => Finding.AssertNone(SizeRules.CheckMethods(Tree.Files));

    [Fact]
    public void Keeps_parameter_lists_short() => Finding.AssertNone(SizeRules.CheckParameters(Tree.Files));

    [Fact]
    public void Names_types_by_the_domain() => Finding.AssertNone(NameRules.CheckSuffixes(Tree.Files));

    [Fact]
    public void Declares_every_class_sealed_or_static() => Finding.AssertNone(NameRules.CheckSealed(Tree.Files));

    [Fact]
    public void Leaves_no_compiled_class_open() => Finding.AssertNone(AssemblyRules.CheckSealed(Production));

    [Fact]
    public void Has_interfaces_only_where_two_implementations_stand()
    {
        Assert.SkipUnless(AssemblyRules.HasImplementations(Production), "nothing implements an interface of the platform yet");
        Finding.AssertNone(AssemblyRules.CheckInterfaces(Production));
    }

    [Fact]
    public void Ends_awaitable_methods_in_Async() => Finding.AssertNone(AssemblyRules.CheckAsyncSuffix(Everything));

    [Fact]
    public void Lets_slices_use_only_those_below_them() => Finding.AssertNone(DirectionRules.Check(Tree.Files));

    [Fact]
    public void Speaks_of_providers_only_where_they_are_set_up() => Finding.AssertNone(ProviderRules.Check(Tree.Files));

    [Fact]
    public void Shows_every_setting_with_its_default()
    {
        var options = OptionsRules.FindOptions(Production);
        Assert.SkipWhen(options.Count == 0, "there are no options classes yet");
        var text = File.ReadAllText(Path.Combine(Tree.Root, "src/Platform.Server/appsettings.json"));
        var settings = JsonNode.Parse(text,
            documentOptions: new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip })!.AsObject();
        Finding.AssertNone(OptionsRules.Check(options, settings));
    }

    [Fact]
    public async Task Adds_nothing_at_the_root()
    {
        var paths = await RootRules.ListAsync(Tree.Root, TestContext.Current.CancellationToken);
        Assert.SkipWhen(paths is null, "this is not a git repository, or git is not installed");
        Assert.Contains("Platform.sln", paths, StringComparer.Ordinal);
        Finding.AssertNone(RootRules.Check(paths));
    }

    [Fact]
    public void Has_at_least_as_many_lines_of_tests_as_of_source()
    {
        output.WriteLine($"comments per 100 lines of source: {VolumeRules.CommentsPerHundredLines(Tree.Files):0.0} (guide: 5 to 10)");
        Finding.AssertNone(VolumeRules.CheckTests(Tree.Files));
    }
}
