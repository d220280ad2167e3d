using System.Text.Json.Nodes;

namespace Platform.LocalStripe;

/// <summary>Stripe's own sample objects; everything that this server answers is one of them with some fields changed.</summary>
internal static class Shapes
{
    private static readonly JsonObject Samples = Read();

    /// <summary>A new object of a resource such as <c>payment_intent</c>. A field that the sample lacks is a mistake of ours.</summary>
    public static JsonObject Make(string resource, params (string Name, JsonNode? Value)[] fields)
    {
        var made = Samples[resource]!.DeepClone().AsObject();
        foreach (var (name, value) in fields)
        {
            if (!made.ContainsKey(name))
            {
                throw new ArgumentException($"Stripe's sample of {resource} has no field {name}.", nameof(fields));
            }

            made[name] = value;
        }

        return made;
    }

    private static JsonObject Read()
    {
        using var stream = typeof(Shapes).Assembly.GetManifestResourceStream("shapes.json")!;
        return JsonNode.Parse(stream)!["resources"]!.AsObject();
    }
}
