using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Platform.Tests.Layout;

/// <summary>One C# file, parsed.</summary>
internal sealed class SourceFile
{
    private SourceFile(string path, string text)
    {
        Path = path;
        Lines = text.Split('\n') is [.. var lines, ""] ? lines : text.Split('\n');
        Root = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.Parse))
            .GetCompilationUnitRoot();
    }

    /// <summary>From the root of the repository, with forward slashes.</summary>
    public string Path { get; }

    public IReadOnlyList<string> Lines { get; }

    public CompilationUnitSyntax Root { get; }

    /// <summary>The folder under <c>src/Platform</c> that the file lies in; null elsewhere.</summary>
    public string? Slice => Path.Split('/') is ["src", "Platform", var slice, _, ..] ? slice : null;

    public bool IsTest => Path.StartsWith("tests/Platform.Tests/", StringComparison.Ordinal);

    public bool IsSource => Path.StartsWith("src/", StringComparison.Ordinal);

    public static SourceFile Of(string path, string text) => new(path, text);

    public int LineOf(SyntaxNode node) => Root.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1;

    public int LineOf(SyntaxToken token) => Root.SyntaxTree.GetLineSpan(token.Span).StartLinePosition.Line + 1;

    /// <summary>Lines from the first to the last, attributes and comments before the declaration not counted.</summary>
    public int LengthOf(MemberOrLocal member)
    {
        var span = Root.SyntaxTree.GetLineSpan(Microsoft.CodeAnalysis.Text.TextSpan.FromBounds(member.Start, member.End));
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
