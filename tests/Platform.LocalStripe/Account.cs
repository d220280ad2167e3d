using System.Globalization;
using System.Text.Json.Nodes;

namespace Platform.LocalStripe;

/// <summary>What one Stripe account holds, and what its API and its customers do with it. Locked as a whole.</summary>
internal sealed class Account(TimeProvider time, bool isLive)
{
    public const string MeterId = "mtr_test_platform";
    public const string MeterName = "platform_usage_micro_usd";

    private readonly Dictionary<string, JsonObject> objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> thin = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> cards = new(StringComparer.Ordinal);
    private int count;

    public Lock Gate { get; } = new();

    /// <summary>Events that nobody has taken yet, in the order in which they came about.</summary>
    public Queue<JsonObject> Events { get; } = [];

    public Usage Meter { get; } = new();

    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Ids are unique over runs too: whoever stores them would take them for old ones.</summary>
    public string NewId(string prefix) => $"{prefix}_{Guid.NewGuid():N}{count++.ToString(CultureInfo.InvariantCulture)}";

    public JsonObject Add(string resource, params (string Name, JsonNode? Value)[] fields)
    {
        var made = Shapes.Make(resource, fields);
        if (made.ContainsKey("livemode"))
        {
            made["livemode"] = isLive;
        }

        made["created"] = Now;
        objects[(string)made["id"]!] = made;
        return made;
    }

    public JsonObject? Find(string id) => objects.GetValueOrDefault(id);

    public JsonObject? FindThin(string id) => thin.GetValueOrDefault(id);

    /// <summary>Newest first, as Stripe lists.</summary>
    public IEnumerable<JsonObject> List(string resource, Form form) => objects.Values
        .Where(one => (string?)one["object"] == resource && Matches(one, form)).Reverse();

    public void Remove(string id) => objects.Remove(id);

    /// <summary>How a customer's saved card behaves: <c>ok</c>, or the decline that it gives. None: no card.</summary>
    public string? CardOf(string customer) => cards.GetValueOrDefault(customer);

    public void SetCard(string customer, string? behaviour)
    {
        if (behaviour is null)
        {
            cards.Remove(customer);
        }
        else
        {
            cards[customer] = behaviour;
        }
    }

    /// <summary>An event with its object inside.</summary>
    public JsonObject Tell(string type, JsonObject about)
    {
        var told = new JsonObject
        {
            ["id"] = NewId("evt"),
            ["object"] = "event",
            ["api_version"] = "2026-10-28.endive",
            ["created"] = Now,
            ["type"] = type,
            ["livemode"] = isLive,
            ["pending_webhooks"] = 1,
            ["request"] = null,
            ["data"] = new JsonObject { ["object"] = about.DeepClone() },
        };
        Events.Enqueue(told);
        return told;
    }

    /// <summary>An event of API v2: the notification only names it, its contents are fetched.</summary>
    public JsonObject TellThin(string type, JsonNode contents)
    {
        var told = new JsonObject
        {
            ["id"] = NewId("evt_test"),
            ["object"] = "v2.core.event",
            ["created"] = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
            ["type"] = type,
            ["livemode"] = isLive,
            ["related_object"] = new JsonObject
            {
                ["id"] = MeterId, ["type"] = "billing.meter", ["url"] = $"/v1/billing/meters/{MeterId}",
            },
        };
        var whole = told.DeepClone().AsObject();
        whole["data"] = contents;
        thin[(string)told["id"]!] = whole;
        Events.Enqueue(told);
        return told;
    }

    private static bool Matches(JsonObject one, Form form)
    {
        string[] exact = ["customer", "status", "payment_intent", "charge"];
        var created = (long)one["created"]!;
        return exact.All(name => form.Text(name) is not { } wanted || (string?)one[name] == wanted)
            && (form.Number("created[gte]") is not { } first || created >= first)
            && (form.Number("created[lte]") is not { } last || created <= last);
    }
}
