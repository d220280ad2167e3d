using System.Text;
using Newtonsoft.Json.Linq;

namespace Platform.Catalog;

/// <summary>The files of <c>schemas/</c> as they were embedded at build time, by their path from the root of the repository.</summary>
/// <param name="texts">Path to text.</param>
internal sealed class SchemaFiles(IReadOnlyDictionary<string, string> texts)
{
    public static SchemaFiles Embedded()
    {
        var assembly = typeof(SchemaFiles).Assembly;
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith("schemas/", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            texts.Add(name, reader.ReadToEnd());
        }

        return new SchemaFiles(texts);
    }

    /// <summary>The same files with one of them replaced or added.</summary>
    public SchemaFiles With(string path, string text) =>
        new(new Dictionary<string, string>(texts, StringComparer.Ordinal) { [path] = text });

    /// <summary>The paths in a folder, in a stable order.</summary>
    public IReadOnlyList<string> Under(string folder) =>
        [.. texts.Keys.Where(path => path.StartsWith(folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public string Text(string path) =>
        texts.TryGetValue(path, out var text) ? text : throw new InvalidDataException($"{path} is missing.");

    /// <summary>The objects of a file that is an array of them, or the one object that it is.</summary>
    public IReadOnlyList<JObject> Objects(string path)
    {
        var parsed = StrictJson.Parse(Encoding.UTF8.GetBytes(Text(path)), int.MaxValue);
        return parsed.Succeeded
            ? [.. parsed.Tasks.Select(task => task.Json)]
            : throw new InvalidDataException($"{path} cannot be read. {parsed.Error.Message}");
    }

    public JObject Object(string path) => Objects(path) is [var only]
        ? only
        : throw new InvalidDataException($"{path} holds several objects where one was expected.");
}
