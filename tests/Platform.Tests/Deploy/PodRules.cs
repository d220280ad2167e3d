using System.Text.Json.Nodes;

namespace Platform.Tests.Deploy;

/// <summary>What every pod that we describe keeps to: the restricted profile, limits, fixed images, probes. One sentence for each breach.</summary>
internal static class PodRules
{
    public static IEnumerable<string> Check(JsonNode document)
    {
        if (TemplateOf(document) is not { } template)
        {
            yield break;
        }

        var who = $"{document["kind"]} {document["metadata"]!["name"]}";
        var pod = template["spec"]!;
        foreach (var breach in CheckPod(pod).Concat(AllContainers(pod).SelectMany(CheckContainer)))
        {
            yield return $"{who}: {breach}";
        }

        if ((string?)document["kind"] == "Deployment" && Containers(pod, "containers").Any(static one =>
            one["readinessProbe"] is null || one["livenessProbe"] is null || one["startupProbe"] is null))
        {
            yield return $"{who}: lacks a probe";
        }
    }

    /// <summary>The pods' template of a workload; null for everything else.</summary>
    public static JsonNode? TemplateOf(JsonNode document) =>
        (string?)document["kind"] is "Deployment" or "StatefulSet" or "Job" or "DaemonSet" ? document["spec"]!["template"] : null;

    public static IEnumerable<JsonNode> AllContainers(JsonNode pod) => Containers(pod, "initContainers").Concat(Containers(pod, "containers"));

    private static IEnumerable<JsonNode> Containers(JsonNode pod, string field) => pod[field]?.AsArray().Select(static one => one!) ?? [];

    private static IEnumerable<string> CheckPod(JsonNode pod)
    {
        var security = pod["securityContext"];
        if ((bool?)security?["runAsNonRoot"] != true || (int?)security?["runAsUser"] is null or 0)
        {
            yield return "may run as root";
        }

        if ((string?)security?["seccompProfile"]?["type"] != "RuntimeDefault")
        {
            yield return "has no seccomp profile";
        }

        if ((bool?)pod["automountServiceAccountToken"] != false)
        {
            yield return "mounts a token of Kubernetes that it does not need";
        }

        foreach (var field in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(field => (bool?)pod[field] == true))
        {
            yield return $"uses {field}";
        }

        // Where long audio lies while it is made: in memory it would count against the limits.
        if (pod["volumes"]?.AsArray().Any(static volume => (string?)volume!["name"] == "tmp" && volume["emptyDir"]?["medium"] is not null) == true)
        {
            yield return "keeps its temporary files in memory";
        }

        if (pod["volumes"]?.AsArray().Any(static volume => volume!["hostPath"] is not null) == true)
        {
            yield return "mounts a folder of its node";
        }
    }

    private static IEnumerable<string> CheckContainer(JsonNode container)
    {
        var image = (string?)container["image"] ?? "";
        var name = (string?)container["name"];
        var tag = image.Contains('@') ? "digest" : image.LastIndexOf(':') is > 0 and var colon ? image[(colon + 1)..] : "";
        if (tag is "" or "latest")
        {
            yield return $"{name}: the image '{image}' is of no fixed version";
        }

        var security = container["securityContext"];
        if ((bool?)security?["privileged"] == true || (bool?)security?["allowPrivilegeEscalation"] != false)
        {
            yield return $"{name}: may gain privileges";
        }

        if (security?["capabilities"]?["drop"]?.AsArray().Any(static one => (string?)one == "ALL") != true || security["capabilities"]!["add"] is not null)
        {
            yield return $"{name}: keeps capabilities";
        }

        if (image.StartsWith("platform:", StringComparison.Ordinal) && (bool?)security?["readOnlyRootFilesystem"] != true)
        {
            yield return $"{name}: may write to its image";
        }

        foreach (var twice in container["env"]?.AsArray().CountBy(static one => (string)one!["name"]!, StringComparer.OrdinalIgnoreCase)
            .Where(static one => one.Value > 1) ?? [])
        {
            yield return $"{name}: {twice.Key} is there twice";
        }

        foreach (var (kind, resource) in new[] { ("requests", "cpu"), ("requests", "memory"), ("limits", "cpu"), ("limits", "memory") })
        {
            if (container["resources"]?[kind]?[resource] is null)
            {
                yield return $"{name}: has no {resource} {kind}";
            }
        }
    }
}
