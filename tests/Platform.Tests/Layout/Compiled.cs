using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Platform.Tests.Layout;

/// <summary>Types compiled in memory, so that code which breaks a rule on purpose need not stand in the repository.</summary>
internal static class Compiled
{
    public static Type[] Types(string code)
    {
        var tree = CSharpSyntaxTree.ParseText("using System; using System.Threading.Tasks; using System.Collections.Generic;\n" + code);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create("Sample", [tree], references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var image = new MemoryStream();
        var outcome = compilation.Emit(image);
        return outcome.Success
            ? Assembly.Load(image.ToArray()).GetTypes()
            : throw new ArgumentException(string.Join('\n', outcome.Diagnostics), nameof(code));
    }
}
