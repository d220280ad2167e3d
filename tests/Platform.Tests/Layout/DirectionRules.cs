using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Platform.Tests.Layout;

/// <summary>
/// Which slice may use which: only those further down. Measured from <c>using</c> directives and qualified names; what is written in
/// comments does not count.
/// </summary>
internal static class DirectionRules
{
    private static readonly string[][] Levels =
    [
        ["Hosting"],
        ["Api"],
        ["Tasks"],
        ["Catalog", "Pricing", "Ledger", "Engines", "Media", "Storage", "Delivery", "Tenants"],
        ["Messaging", "Outbound", "Persistence"],
        ["Telemetry"],
    ];

    // Neighbours of one level do not know each other, but for these. No two of them form a circle of behaviour:
    // Media and Engines share no more than Pcm, which an engine gives and an encoder takes.
    private static readonly HashSet<(string From, string To)> Neighbours =
    [
        ("Catalog", "Media"),
        ("Pricing", "Catalog"),
        ("Media", "Engines"),
        ("Engines", "Media"),
        ("Delivery", "Catalog"),
        ("Delivery", "Media"),
        ("Delivery", "Storage"),
        ("Storage", "Media"),
        ("Storage", "Tenants"),
    ];

    private static readonly HashSet<string> Slices = [.. Levels.SelectMany(level => level)];

    public static IEnumerable<Finding> Check(IReadOnlyList<SourceFile> files)
    {
        foreach (var file in files.Where(file => file.Path.StartsWith("src/Platform/", StringComparison.Ordinal)))
        {
            if (file.Slice is not { } slice || !Slices.Contains(slice))
            {
                yield return new Finding(file.Path, 1, "the file lies in no slice that the design knows", string.Join(' ', Slices));
                continue;
            }

            foreach (var finding in CheckNamespace(file, slice).Concat(CheckUses(file, slice)))
            {
                yield return finding;
            }
        }
    }

    private static IEnumerable<Finding> CheckNamespace(SourceFile file, string slice)
    {
        var expected = "Platform." + slice;
        return from declared in file.Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
               let name = declared.Name.ToString()
               where !string.Equals(name, expected, StringComparison.Ordinal) && !name.StartsWith(expected + ".", StringComparison.Ordinal)
               select new Finding(file.Path, file.LineOf(declared), $"the namespace is {name}", expected);
    }

    private static IEnumerable<Finding> CheckUses(SourceFile file, string slice)
    {
        foreach (var (used, line) in FindUses(file).DistinctBy(use => use.Slice, StringComparer.Ordinal)
            .Where(use => !MayUse(slice, use.Slice)))
        {
            yield return new Finding(file.Path, line, $"{slice} uses {used}",
                "Hosting -> Api -> Tasks -> the eight -> Messaging, Outbound, Persistence -> Telemetry");
        }
    }

    private static bool MayUse(string from, string to) =>
        string.Equals(from, to, StringComparison.Ordinal) || LevelOf(from) < LevelOf(to) || Neighbours.Contains((from, to));

    private static int LevelOf(string slice) => Array.FindIndex(Levels, level => level.Contains(slice, StringComparer.Ordinal));

    private static IEnumerable<(string Slice, int Line)> FindUses(SourceFile file)
    {
        var own = FindDeclaredNames(file);
        foreach (var node in file.Root.DescendantNodes())
        {
            var names = node switch
            {
                QualifiedNameSyntax name when node.Parent is not QualifiedNameSyntax and not BaseNamespaceDeclarationSyntax =>
                    name.ToString(),
                MemberAccessExpressionSyntax access when node.Parent is not MemberAccessExpressionSyntax && IsPlainPath(access) =>
                    access.ToString(),
                _ => null,
            };
            var parts = names?.Replace("global::", "", StringComparison.Ordinal).Split('.') ?? [];
            if (parts is ["Platform", var full, ..] && Slices.Contains(full))
            {
                yield return (full, file.LineOf(node));
            }
            else if (parts is [var near, _, ..] && Slices.Contains(near) && !own.Contains(near) && node.Parent is not UsingDirectiveSyntax)
            {
                yield return (near, file.LineOf(node));
            }
        }
    }

    private static bool IsPlainPath(ExpressionSyntax expression) => expression switch
    {
        MemberAccessExpressionSyntax access => IsPlainPath(access.Expression),
        SimpleNameSyntax or AliasQualifiedNameSyntax => true,
        _ => false,
    };

    /// <summary>Names that mean something of the file's own: <c>Storage.Root</c> may be a property, not a slice.</summary>
    private static HashSet<string> FindDeclaredNames(SourceFile file)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in file.Root.DescendantNodes())
        {
            _ = node switch
            {
                PropertyDeclarationSyntax property => names.Add(property.Identifier.Text),
                VariableDeclaratorSyntax variable => names.Add(variable.Identifier.Text),
                ParameterSyntax parameter => names.Add(parameter.Identifier.Text),
                EnumMemberDeclarationSyntax member => names.Add(member.Identifier.Text),
                BaseTypeDeclarationSyntax type => names.Add(type.Identifier.Text),
                _ => false,
            };
        }

        return names;
    }
}
