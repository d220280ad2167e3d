using Microsoft.CodeAnalysis.CSharp;

namespace Platform.Tests.Layout;

/// <summary>How much is tested and how much is explained.</summary>
internal static class VolumeRules
{
    public static IEnumerable<Finding> CheckTests(IReadOnlyList<SourceFile> files)
    {
        var (tests, source) = (CountLines(files, file => file.IsTest), CountLines(files, file => file.IsSource));
        if (tests < source)
        {
            yield return new Finding("tests/Platform.Tests", 0, $"there are {tests} lines of tests",
                $"at least the {source} lines of source");
        }
    }

    /// <summary>Comments that are not documentation, for each 100 lines of source: 5 to 10 are a guide, not a rule.</summary>
    public static double CommentsPerHundredLines(IReadOnlyList<SourceFile> files)
    {
        var lines = CountLines(files, file => file.IsSource);
        var comments = files.Where(file => file.IsSource).Sum(file => file.Root.DescendantTrivia()
            .Count(trivia => trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia));
        return lines == 0 ? 0 : 100.0 * comments / lines;
    }

    private static int CountLines(IReadOnlyList<SourceFile> files, Func<SourceFile, bool> isMeant) =>
        files.Where(isMeant).Sum(file => file.Lines.Count);
}
