using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Tests.Fixtures;
using Platform.Tests.Layout;
using Platform.Tests.Media;

namespace Platform.Tests.Deploy;

/// <summary>Rendered manifests: the documents, what Kubernetes' own schemas and types find wrong with them, and kinds that they do not know.</summary>
internal sealed record Rendered(IReadOnlyList<JsonNode> Documents, IReadOnlyList<string> Findings, IReadOnlyList<string> Unknown);

/// <summary>Renders overlays with kubectl and the chart with helm's template engine, and checks both with what <c>tests/manifests</c> installs.</summary>
internal static class Manifests
{
    public static string Root => SourceTree.Current.Root;

    private static string Chart => Path.Combine(Root, "helm/platform");

    private static readonly ConcurrentDictionary<string, Lazy<Task<Rendered>>> Checked = new(StringComparer.Ordinal);
    private static readonly Lazy<ManifestCheck> Check = new(static () => new ManifestCheck(Needed.Program("node"), Script("check.mjs")));
    private static readonly Lazy<Task<string>> Renderer = new(BuildRendererAsync);

    public static async Task<Rendered> KustomizeAsync(string folder)
    {
        var (yaml, _) = await Tool.RunAsync(Needed.Program("kubectl"), ["kustomize", Path.Combine(Root, "k8s", folder)]);
        return await CheckAsync(Text(yaml));
    }

    /// <summary>An overlay of somebody's own; <c>{k8s}</c> in it stands for the folder of ours.</summary>
    public static async Task<Rendered> KustomizeTextAsync(string kustomization, params (string Name, string Text)[] beside)
    {
        using var folder = new TempFolder();
        CopyFolder(Path.Combine(Root, "k8s"), folder["platform/k8s"]);
        await File.WriteAllTextAsync(folder["kustomization.yaml"], kustomization.Replace("{k8s}", "platform/k8s", StringComparison.Ordinal));
        foreach (var (name, text) in beside)
        {
            await File.WriteAllTextAsync(folder[name], text);
        }

        var (yaml, _) = await Tool.RunAsync(Needed.Program("kubectl"), ["kustomize", folder.Path]);
        return await CheckAsync(Text(yaml));
    }

    // A kustomization may name files below its own folder alone, so that ours lie there, as with an operator.
    private static void CopyFolder(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>The chart with each of the values laid over its defaults and an address; a document that several give is in it once.</summary>
    public static async Task<Rendered> HelmAsync(params JsonNode[] values) => await CheckAsync(await HelmTextAsync([.. values.Select(static one =>
    {
        var given = (JsonObject)one.DeepClone();
        _ = given.TryAdd("publicBaseUrl", "https://speech.example.com");
        return given;
    })]));

    /// <summary>The chart's text with these values and nothing added to them; fails with what the chart says where it refuses them.</summary>
    public static async Task<string> HelmTextAsync(params JsonNode[] values)
    {
        var (yaml, _) = await Tool.RunAsync(await Renderer.Value, [Chart, "platform", "speech"], new JsonArray(values).ToJsonString());
        return Text(yaml);
    }

    /// <summary>The compose file with its merges done.</summary>
    public static async Task<JsonNode> ComposeAsync()
    {
        const string script = "import('yaml').then(y => process.stdout.write(JSON.stringify("
            + "y.parse(require('fs').readFileSync(process.argv[1], 'utf8'), { merge: true, uniqueKeys: true }))))";
        var (json, _) = await Tool.RunAsync("/usr/bin/env",
            ["-C", Path.Combine(Root, "tests/manifests"), Needed.Program("node"), "-e", script, Path.Combine(Root, "docker-compose.yml")]);
        return JsonNode.Parse(json)!;
    }

    /// <summary>What <c>values.schema.json</c> says of each of the values.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<string>>> ValuesAsync(params JsonNode[] values)
    {
        var (json, _) = await Tool.RunAsync(Needed.Program("node"), [Script("values.mjs"), Chart], new JsonArray(values).ToJsonString());
        return JsonSerializer.Deserialize<string[][]>(json)!;
    }

    /// <summary>The same text is checked once, however many tests ask.</summary>
    public static Task<Rendered> CheckAsync(string yaml) => Checked.GetOrAdd(yaml, static text => new Lazy<Task<Rendered>>(() => CheckOnceAsync(text))).Value;

    private static async Task<Rendered> CheckOnceAsync(string yaml)
    {
        var answer = await Check.Value.RunAsync(yaml);
        return new Rendered([.. answer["documents"]!.AsArray()!], Strings(answer["findings"]!), Strings(answer["unknown"]!));
    }

    private static string[] Strings(JsonNode list) => [.. list.AsArray().Select(static one => (string)one!)];

    private static string Text(byte[] utf8) => System.Text.Encoding.UTF8.GetString(utf8);

    private static string Script(string name)
    {
        if (!Directory.Exists(Path.Combine(Root, "tests/manifests/node_modules")))
        {
            Needed.Missing("the checks of the manifests are not installed: ./dev test installs them.");
        }

        return Path.Combine(Root, "tests/manifests", name);
    }

    // Debian keeps Go's libraries as sources in one folder; nothing is fetched.
    private static async Task<string> BuildRendererAsync()
    {
        var go = Needed.Program("go", "/usr/lib/go/bin");
        var program = Path.Combine(AppContext.BaseDirectory, "helm-render");
        await Tool.RunAsync("/usr/bin/env",
        [
            "GO111MODULE=off", "GOPATH=/usr/share/gocode", $"GOCACHE={Path.Combine(AppContext.BaseDirectory, "go-cache")}",
            go, "build", "-o", program, Path.Combine(Root, "tests/helm-render/main.go"),
        ]);
        return program;
    }
}
