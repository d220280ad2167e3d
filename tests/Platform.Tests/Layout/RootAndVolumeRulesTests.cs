using Xunit;

namespace Platform.Tests.Layout;

public sealed class RootAndVolumeRulesTests
{
    [Fact]
    public void Catches_something_new_at_the_root() =>
        Assert.Equal("notes.txt", Assert.Single(RootRules.Check(["src/Platform/A.cs", "notes.txt", "LICENSE"])).File);

    [Fact]
    public void Names_a_new_folder_once() => Assert.Single(RootRules.Check(["lib/a", "lib/b/c"]));

    [Fact]
    public async Task Says_when_a_folder_is_no_repository()
    {
        var folder = Directory.CreateTempSubdirectory("layout-");
        Assert.Null(await RootRules.ListAsync(folder.FullName, TestContext.Current.CancellationToken));
        folder.Delete();
    }

    [Fact]
    public void Catches_tests_that_fall_behind_the_source()
    {
        SourceFile[] files =
        [
            SourceFile.Of("src/A.cs", "//\n//\n"),
            SourceFile.Of("tests/Platform.Tests/A.cs", "//\n"),
            SourceFile.Of("tests/Platform.Bench/A.cs", "//\n//\n"),
        ];
        Assert.Contains("1 lines", Assert.Single(VolumeRules.CheckTests(files)).What, StringComparison.Ordinal);
        Assert.Empty(VolumeRules.CheckTests([.. files, SourceFile.Of("tests/Platform.Tests/B.cs", "//\n")]));
    }

    [Fact]
    public void Counts_comments_but_not_documentation()
    {
        var file = SourceFile.Of("src/A.cs", "/// <summary>Doc.</summary>\nclass C // why\n{\n    /* why */\n}\n");
        Assert.Equal(40, VolumeRules.CommentsPerHundredLines([file]));
    }

    [Fact]
    public void Reads_a_tree_from_any_root_and_leaves_out_what_was_built()
    {
        var folder = Directory.CreateTempSubdirectory("layout-");
        try
        {
            foreach (var path in (string[])["src/A.cs", "src/obj/B.cs", "tests/C.cs", "other/D.cs"])
            {
                Directory.CreateDirectory(Path.Combine(folder.FullName, Path.GetDirectoryName(path)!));
                File.WriteAllText(Path.Combine(folder.FullName, path), "class C;\n");
            }

            var paths = new SourceTree(folder.FullName).Files.Select(file => file.Path);
            Assert.Equal(["src/A.cs", "tests/C.cs"], paths, StringComparer.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
