using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Platform.Tests.Layout;

/// <summary>What types may be called and how classes are declared.</summary>
internal static class NameRules
{
    private static readonly string[] BannedSuffixes =
        ["Service", "Manager", "Helper", "Helpers", "Util", "Utils", "Processor", "Base", "Impl", "Dto", "Info", "Data"];

    public static IEnumerable<Finding> CheckSuffixes(IReadOnlyList<SourceFile> files) =>
        from file in files
        from type in file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        let suffix = Array.Find(BannedSuffixes, banned => type.Identifier.Text.EndsWith(banned, StringComparison.Ordinal))
        where suffix is not null
        select new Finding(file.Path, file.LineOf(type.Identifier), $"the type {type.Identifier.Text} ends in {suffix}",
            "the domain's own words");

    /// <summary>A class that is open has to be said so by being abstract; that it has descendants is looked at in the assembly.</summary>
    public static IEnumerable<Finding> CheckSealed(IReadOnlyList<SourceFile> files)
    {
        var parts = from file in files
                    from type in file.Root.DescendantNodes().OfType<TypeDeclarationSyntax>()
                    where type is ClassDeclarationSyntax
                        || (type is RecordDeclarationSyntax record && !record.IsKind(SyntaxKind.RecordStructDeclaration))
                    select (File: file, Type: type, Key: Path.GetDirectoryName(file.Path) + type.Identifier.Text);
        foreach (var part in parts.GroupBy(part => part.Key, StringComparer.Ordinal))
        {
            // One part of a partial class says it for all of them.
            if (!part.Any(each => each.Type.Modifiers.Any(modifier =>
                modifier.Kind() is SyntaxKind.SealedKeyword or SyntaxKind.StaticKeyword or SyntaxKind.AbstractKeyword)))
            {
                var (file, type, _) = part.First();
                yield return new Finding(file.Path, file.LineOf(type.Identifier), $"the class {type.Identifier.Text} is open",
                    "sealed or static");
            }
        }
    }
}
