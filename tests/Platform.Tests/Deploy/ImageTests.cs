using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace Platform.Tests.Deploy;

/// <summary>The image and the compose file, as far as they can be judged without an engine that runs them.</summary>
public sealed partial class ImageTests
{
    private static string Dockerfile => File.ReadAllText(Path.Combine(Manifests.Root, "src/Platform.Server/Dockerfile"));

    [Fact]
    public void The_image_holds_every_library_that_dev_run_installs_but_the_database()
    {
        var needs = File.ReadAllText(Path.Combine(Manifests.Root, "dev")).Split("RUN_NEEDS=(")[1].Split("\n)")[0];
        var packages = Need().Matches(needs).Select(static match => match.Groups["packages"].Value).ToList();

        Assert.True(packages.Count > 8, needs);
        foreach (var alternatives in packages.Where(static one => one is not ("postgresql" or "util-linux")))
        {
            // FLAC's is looked up by its pattern, since its number changes from one distribution to the next.
            var names = alternatives.Split('/');
            Assert.True(names.Any(static name => name.StartsWith("libflac", StringComparison.Ordinal) || Dockerfile.Contains(name, StringComparison.Ordinal)),
                $"{alternatives} is missing in the image");
        }
    }

    [Fact]
    public void The_image_runs_as_nobody_in_particular_and_says_whether_it_is_well()
    {
        Assert.Matches(@"(?m)^USER 10001:10001$", Dockerfile);
        Assert.Matches("""(?m)^HEALTHCHECK [\s\S]+?CMD \["dotnet", "/app/Platform.Server.dll", "health", "--url", "http://127.0.0.1:8080"\]$""", Dockerfile);
        Assert.Equal(2, Regex.Count(Dockerfile, @"(?m)^FROM ", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.DoesNotContain(":latest", Dockerfile, StringComparison.Ordinal);
    }

    // Whatever the arguments: the disk of a folder that is not there is not watched, and alerts would say nothing.
    [Fact]
    public void What_a_process_keeps_lies_in_the_folder_that_the_image_gives_it()
    {
        Assert.Matches(@"(?m)^ENV .*\bPLATFORM_DATA=/data$", Dockerfile);
        Assert.Matches(@"(?m)install -d -o platform -g platform -m 0750 /data$", Dockerfile);
    }

    [Fact]
    public void The_image_restores_what_it_publishes()
    {
        // The compiler that works ahead is a package of the Release configuration alone.
        Assert.Matches(@"(?m)^RUN dotnet restore src/Platform\.Server .*-p:Configuration=Release", Dockerfile);
        Assert.Matches(@"(?m)^RUN dotnet publish src/Platform\.Server -c Release --no-restore", Dockerfile);
    }

    [Fact]
    public async Task Each_service_of_the_compose_file_is_pinned_bounded_and_known()
    {
        var compose = await Manifests.ComposeAsync();
        var services = compose["services"]!.AsObject();

        foreach (var (name, service) in services)
        {
            var image = (string)service!["image"]!;
            Assert.True(image.Contains(':') && !image.EndsWith(":latest", StringComparison.Ordinal), $"{name}: {image}");
            Assert.True(service["deploy"]?["resources"]?["limits"]?["memory"] is not null && service["deploy"]!["resources"]!["limits"]!["cpus"] is not null,
                $"{name} has no limits");
            Assert.NotEqual(true, (bool?)service["privileged"]);
            Assert.Equal("local", (string?)service["logging"]?["driver"]);
            Assert.All(service["configs"]?.AsArray() ?? [], static one => Assert.Equal("444", one!["mode"]?.ToString()));
            var others = service["depends_on"]?.AsObject().Select(static one => one.Key) ?? [];
            Assert.All(others, other => Assert.True(services.ContainsKey(other), $"{name} depends on {other}, which is no service"));
            Assert.All(Sources(service["configs"]), source => Assert.True(compose["configs"]!.AsObject().ContainsKey(source), $"{name}: no config {source}"));
        }

        Assert.Equal((2, 2), ((int)services["api"]!["deploy"]!["replicas"]!, (int)services["worker"]!["deploy"]!["replicas"]!));
        Assert.Contains("gpu", services["vllm-customvoice"]!["profiles"]!.AsArray().Select(static one => (string?)one), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Only_the_proxy_and_the_dashboards_are_reached_from_outside_and_only_from_this_machine()
    {
        var services = (await Manifests.ComposeAsync())["services"]!.AsObject();
        var ports = services.SelectMany(static one => one.Value!["ports"]?.AsArray().Select(static port => (string)port!) ?? []).ToList();
        Assert.NotEmpty(ports);
        Assert.All(ports, static port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_settings_are_settings_of_the_platform()
    {
        var settings = (await Manifests.ComposeAsync())["services"]!.AsObject()
            .SelectMany(static one => one.Value!["environment"] is JsonObject variables ? variables.Select(static variable => variable.Key) : [])
            .Where(static name => name.StartsWith("PLATFORM_", StringComparison.Ordinal) && name is not ("PLATFORM_ADMIN_KEY" or "PLATFORM_ROLES"))
            .Distinct(StringComparer.Ordinal);
        var known = JsonNode.Parse(File.ReadAllText(Path.Combine(Manifests.Root, "src/Platform.Server/appsettings.json")), documentOptions: new()
        {
            CommentHandling = System.Text.Json.JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        })!.AsObject();

        foreach (var name in settings)
        {
            var path = name["PLATFORM_".Length..].Split("__");
            var section = known.Single(one => string.Equals(one.Key, path[0], StringComparison.OrdinalIgnoreCase)).Value!.AsObject();
            Assert.True(section.Any(one => string.Equals(one.Key, path[1], StringComparison.OrdinalIgnoreCase)), $"{name} is no setting");
        }
    }

    [Fact]
    public async Task Each_block_of_the_proxy_is_opened_at_the_end_of_a_line()
    {
        var content = (string)(await Manifests.ComposeAsync())["configs"]!["proxy"]!["content"]!;
        Assert.Contains("dynamic a api 8080 {", content, StringComparison.Ordinal);
        Assert.DoesNotMatch(OnOneLine(), content);
        Assert.Matches(OnOneLine(), "dynamic a api 8080 { refresh 2s }");
    }

    [Fact]
    public async Task Figures_are_as_young_as_they_are_asked_for_and_long_audio_lies_on_a_disk()
    {
        var services = (await Manifests.ComposeAsync())["services"]!;
        foreach (var name in new[] { "api", "worker", "scheduler" })
        {
            Assert.Equal("10000", (string?)services[name]!["environment"]!["OTEL_METRIC_EXPORT_INTERVAL"]);
        }

        var folder = (string)services["worker"]!["environment"]!["PLATFORM_ENGINES__SPOOLFOLDER"]!;
        Assert.Contains(folder, services["worker"]!["volumes"]!.AsArray().Select(static one => (string?)one), StringComparer.Ordinal);
        Assert.DoesNotContain(folder, services["worker"]!["tmpfs"]!.AsArray().Select(static one => (string?)one), StringComparer.Ordinal);
    }

    private static IEnumerable<string> Sources(JsonNode? configs) => configs?.AsArray().Select(static one => (string)one!["source"]!) ?? [];

    [GeneratedRegex(@"(?:^|\s)\{[ \t]+\S", RegexOptions.Multiline, 1000)]
    private static partial Regex OnOneLine();

    [GeneratedRegex(@"'[^|']+\|(?<packages>[^']+)'", RegexOptions.None, 1000)]
    private static partial Regex Need();
}
