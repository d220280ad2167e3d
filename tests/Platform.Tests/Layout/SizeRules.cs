namespace Platform.Tests.Layout;

/// <summary>How long files and methods may be, and how many parameters they may take.</summary>
internal static class SizeRules
{
    public const int MedianFile = 80;
    public const int UsualFile = 200;
    public const int LongestFile = 400;
    public const int LongestLine = 160;
    public const int UsualMethod = 35;
    public const int LongestMethod = 70;
    public const int MostParameters = 5;

    public static IEnumerable<Finding> CheckFiles(IReadOnlyList<SourceFile> files)
    {
        foreach (var file in files.Where(file => file.Lines.Count > LongestFile))
        {
            yield return new Finding(file.Path, 1, $"the file has {file.Lines.Count} lines", $"{LongestFile}");
        }

        if (files.Count == 0)
        {
            yield break;
        }

        var sizes = files.Select(file => file.Lines.Count).Order().ToList();
        if (sizes[sizes.Count / 2] > MedianFile)
        {
            yield return new Finding("all files", 0, $"the median file has {sizes[sizes.Count / 2]} lines", $"{MedianFile}");
        }

        var longOnes = files.Where(file => file.Lines.Count > UsualFile).ToList();
        if (longOnes.Count > files.Count * 0.1)
        {
            foreach (var file in longOnes)
            {
                yield return new Finding(file.Path, 1, $"the file has {file.Lines.Count} lines and is one of {longOnes.Count} such",
                    $"90 % of {files.Count} files <= {UsualFile}");
            }
        }
    }

    public static IEnumerable<Finding> CheckLines(IReadOnlyList<SourceFile> files) =>
        from file in files
        from line in file.Lines.Index()
        where line.Item.Length > LongestLine
        select new Finding(file.Path, line.Index + 1, $"the line has {line.Item.Length} characters", $"{LongestLine}");

    public static IEnumerable<Finding> CheckMethods(IReadOnlyList<SourceFile> files)
    {
        var methods = files.SelectMany(file => MemberOrLocal.FindAll(file).Where(member => member.HasBody)
            .Select(member => (File: file, Member: member, Length: file.LengthOf(member)))).ToList();
        var longOnes = methods.Where(method => method.Length > UsualMethod).ToList();
        var tooMany = longOnes.Count > methods.Count * 0.05;
        foreach (var (file, member, length) in longOnes.Where(method => tooMany || method.Length > LongestMethod))
        {
            var limit = length > LongestMethod ? $"{LongestMethod}" : $"95 % of {methods.Count} methods <= {UsualMethod}";
            yield return new Finding(file.Path, file.LineOf(member.Node), $"{member.Name} has {length} lines", limit);
        }
    }

    public static IEnumerable<Finding> CheckParameters(IReadOnlyList<SourceFile> files) =>
        from file in files
        from member in MemberOrLocal.FindAll(file)
        let count = member.Parameters?.Parameters.Count ?? 0
        where count > MostParameters
        select new Finding(file.Path, file.LineOf(member.Node), $"{member.Name} takes {count} parameters", $"{MostParameters}");
}
