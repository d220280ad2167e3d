using System.Text.Json.Nodes;

namespace Platform.Tests.Deploy;

/// <summary>Whether what manifests say of each other is true: selectors find pods, targets exist, what is mounted or read is there.</summary>
internal static class ReferenceRules
{
    /// <param name="documents">All of one installation.</param>
    /// <param name="given">Names of secrets that somebody else brings.</param>
    public static IEnumerable<string> Check(IReadOnlyList<JsonNode> documents, params string[] given)
    {
        var names = documents.Select(static one => $"{one["kind"]} {one["metadata"]!["name"]}").ToList();
        var known = names.Concat(given.Select(static name => $"Secret {name}")).ToHashSet(StringComparer.Ordinal);
        var pods = documents.Select(PodRules.TemplateOf).OfType<JsonNode>().ToList();
        return Twice(names)
            .Concat(documents.SelectMany(one => CheckTargets(one, known)))
            .Concat(documents.SelectMany(one => CheckSelectors(one, pods)))
            .Concat(pods.SelectMany(pod => CheckPod(pod["spec"]!, known)))
            .Concat(CheckBudgets(documents))
            .Concat(CheckScaled(documents));
    }

    private static IEnumerable<string> Twice(IEnumerable<string> names) =>
        names.CountBy(static name => name, StringComparer.Ordinal).Where(static one => one.Value > 1).Select(static one => $"{one.Key} is there twice");

    private static IEnumerable<string> CheckTargets(JsonNode document, HashSet<string> known)
    {
        var spec = document["spec"];
        var targets = new List<string>();
        if (spec?["scaleTargetRef"] is { } scaled)
        {
            targets.Add($"Deployment {scaled["name"]}");
        }

        if ((string?)document["kind"] == "Ingress")
        {
            targets.AddRange(spec!["rules"]!.AsArray().SelectMany(static rule => rule!["http"]!["paths"]!.AsArray())
                .Select(static path => $"Service {path!["backend"]!["service"]!["name"]}"));
        }

        if (spec?["triggers"] is JsonArray triggers)
        {
            targets.AddRange(triggers.Select(static one => $"TriggerAuthentication {one!["authenticationRef"]!["name"]}"));
        }

        if (spec?["secretTargetRef"] is JsonArray secrets)
        {
            targets.AddRange(secrets.Select(static one => $"Secret {one!["name"]}"));
        }

        return targets.Where(target => !known.Contains(target)).Select(target => $"{document["kind"]} {document["metadata"]!["name"]}: there is no {target}");
    }

    private static IEnumerable<string> CheckSelectors(JsonNode document, List<JsonNode> pods)
    {
        var spec = document["spec"];
        var selector = (string?)document["kind"] switch
        {
            "Service" => spec!["selector"],
            "Deployment" or "StatefulSet" or "PodDisruptionBudget" => spec!["selector"]!["matchLabels"],
            "NetworkPolicy" => spec!["podSelector"]!["matchLabels"],
            _ => null,
        };
        if (selector is null)
        {
            yield break;
        }

        var found = pods.Where(pod => selector.AsObject().All(label => (string?)pod["metadata"]!["labels"]![label.Key] == (string?)label.Value)).ToList();
        var who = $"{document["kind"]} {document["metadata"]!["name"]}";
        if (found.Count == 0)
        {
            yield return $"{who}: selects no pod";
        }

        if ((string?)document["kind"] is "Deployment" or "StatefulSet" && found.Count > 1)
        {
            yield return $"{who}: selects pods of others too";
        }

        if ((string?)document["kind"] == "Service")
        {
            var ports = found.SelectMany(static pod => PodRules.AllContainers(pod["spec"]!)).SelectMany(static one => one["ports"]?.AsArray() ?? [])
                .SelectMany(static port => new[] { (string?)port!["name"], $"{port["containerPort"]}" }).ToHashSet(StringComparer.Ordinal);
            foreach (var port in spec!["ports"]!.AsArray().Where(port => !ports.Contains($"{port!["targetPort"] ?? port["port"]}")))
            {
                yield return $"{who}: no pod listens on {port!["targetPort"] ?? port["port"]}";
            }
        }
    }

    private static IEnumerable<string> CheckPod(JsonNode pod, HashSet<string> known)
    {
        var wanted = new List<string?> { pod["serviceAccountName"] is { } account ? $"ServiceAccount {account}" : null };
        foreach (var container in PodRules.AllContainers(pod))
        {
            wanted.AddRange(container["envFrom"]?.AsArray().Where(static one => (bool?)(one!["secretRef"] ?? one["configMapRef"])!["optional"] != true)
                .Select(static one => one!["secretRef"] is { } secret ? $"Secret {secret["name"]}" : $"ConfigMap {one["configMapRef"]!["name"]}") ?? []);
            wanted.AddRange(container["env"]?.AsArray().Select(static one => one!["valueFrom"]?["secretKeyRef"]?["name"])
                .Select(static name => name is null ? null : $"Secret {name}") ?? []);
            var volumes = pod["volumes"]?.AsArray().Select(static one => (string?)one!["name"]).ToHashSet(StringComparer.Ordinal) ?? [];
            foreach (var mount in container["volumeMounts"]?.AsArray().Where(one => !volumes.Contains((string?)one!["name"])) ?? [])
            {
                // A claim of a StatefulSet is no volume of its template.
                if ((string?)mount!["name"] != "data")
                {
                    yield return $"{container["name"]}: mounts {mount["name"]}, which is no volume";
                }
            }
        }

        foreach (var missing in wanted.Where(one => one is not null && !known.Contains(one)).Distinct(StringComparer.Ordinal))
        {
            yield return $"there is no {missing}";
        }
    }

    private static IEnumerable<string> CheckBudgets(IReadOnlyList<JsonNode> documents) =>
        from deployment in documents
        where (string?)deployment["kind"] == "Deployment"
        let name = (string?)deployment["metadata"]!["name"]
        where !documents.Any(one => (string?)one["kind"] == "PodDisruptionBudget" && (string?)one["metadata"]!["name"] == name)
        select $"Deployment {name}: has no disruption budget";

    // Applying the manifest again would bring back its number, whatever the work: running pods would be stopped.
    private static IEnumerable<string> CheckScaled(IReadOnlyList<JsonNode> documents) =>
        from scaler in documents
        where (string?)scaler["kind"] is "HorizontalPodAutoscaler" or "ScaledObject"
        let name = (string?)scaler["spec"]!["scaleTargetRef"]!["name"]
        from deployment in documents
        where (string?)deployment["kind"] == "Deployment" && (string?)deployment["metadata"]!["name"] == name && deployment["spec"]!["replicas"] is not null
        select $"Deployment {name}: says how many there are, which is the {scaler["kind"]}'s to say";
}
