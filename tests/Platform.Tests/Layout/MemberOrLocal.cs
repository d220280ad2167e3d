using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Platform.Tests.Layout;

/// <summary>
/// Something with a body and maybe parameters: a method, constructor, accessor, operator, local function, or a primary constructor.
/// </summary>
internal sealed record MemberOrLocal(string Name, SyntaxNode Node, int Start, int End)
{
    /// <summary>Null where there is no list to count, or where somebody else decides how long it is.</summary>
    public ParameterListSyntax? Parameters { get; init; }

    public bool HasBody { get; init; }

    public static IEnumerable<MemberOrLocal> FindAll(SourceFile file)
    {
        foreach (var node in file.Root.DescendantNodes())
        {
            if (node is BaseMethodDeclarationSyntax method)
            {
                yield return Of(NameOf(method), method) with
                {
                    Parameters = IsDecidedElsewhere(method) ? null : method.ParameterList,
                    HasBody = method.Body is not null || method.ExpressionBody is not null,
                };
            }
            else if (node is LocalFunctionStatementSyntax local)
            {
                yield return Of(local.Identifier.Text, local) with { Parameters = local.ParameterList, HasBody = false };
            }
            else if (node is AccessorDeclarationSyntax accessor)
            {
                var hasBody = accessor.Body is not null || accessor.ExpressionBody is not null;
                yield return Of(accessor.Keyword.Text, accessor) with { HasBody = hasBody };
            }
            else if (node is TypeDeclarationSyntax { ParameterList: { } parameters } type && type is not RecordDeclarationSyntax)
            {
                yield return Of(type.Identifier.Text, type) with { Parameters = parameters };
            }
        }

        if (file.Root.Members.OfType<GlobalStatementSyntax>().ToList() is [var first, ..] statements)
        {
            yield return new MemberOrLocal("top-level statements", first, first.SpanStart, statements[^1].Span.End) { HasBody = true };
        }
    }

    private static MemberOrLocal Of(string name, SyntaxNode node)
    {
        // Attributes and doc comments do not make a method long.
        var attributes = node.ChildNodes().OfType<AttributeListSyntax>().LastOrDefault();
        var start = attributes is null ? node.SpanStart : attributes.GetLastToken().GetNextToken().SpanStart;
        return new MemberOrLocal(name, node, start, node.Span.End);
    }

    private static string NameOf(BaseMethodDeclarationSyntax method) => method switch
    {
        MethodDeclarationSyntax named => named.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        _ => method.Kind().ToString(),
    };

    /// <summary>
    /// A foreign function or callback has the parameters that its library gave it, a log line those that it shows, an override those of the
    /// type above.
    /// </summary>
    private static bool IsDecidedElsewhere(BaseMethodDeclarationSyntax method) =>
        method.Modifiers.Any(SyntaxKind.OverrideKeyword)
        || method.AttributeLists.SelectMany(list => list.Attributes)
            .Any(attribute => attribute.Name.ToString().Split('.')[^1] is "LibraryImport" or "DllImport" or "UnmanagedCallersOnly"
                or "LoggerMessage");
}
