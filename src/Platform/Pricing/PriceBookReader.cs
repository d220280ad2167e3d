using System.Globalization;
using Newtonsoft.Json.Linq;

namespace Platform.Pricing;

/// <summary>Reads a price book to its end, whatever is wrong with it: an operator wants to hear of all of it at once.</summary>
internal sealed class PriceBookReader(bool allowsFree)
{
    private static readonly string[] UnitNames = [.. Enum.GetValues<PriceUnit>().Select(PriceBook.NameOf)];

    /// <summary>What is wrong, each with where it stands.</summary>
    public List<string> Faults { get; } = [];

    public List<PriceVersion> Read(JObject file)
    {
        Expect(file, "the file", "unit", "versions", "$schema");
        var unit = ReadUnit(file, "the file") ?? PriceUnit.Character;
        if (file["unit"] is null)
        {
            Faults.Add("names no unit.");
        }

        var versions = (file["versions"] as JArray ?? []).Select((version, i) => ReadVersion(version, i, unit)).OfType<PriceVersion>().ToList();
        if (versions.Count == 0)
        {
            Faults.Add("has no versions.");
        }

        var isInOrder = versions.Zip(versions.Skip(1)).All(static pair => pair.First.From < pair.Second.From);
        if (!isInOrder || versions.DistinctBy(static version => version.Id, StringComparer.Ordinal).Count() != versions.Count)
        {
            Faults.Add("versions must stand in the order of their dates, each with an id of its own.");
        }

        return versions;
    }

    /// <summary>One price, as it stands in the book and as operators set it for a tenant.</summary>
    public ModelPrice? ReadPrice(JToken? token, string place, PriceUnit usualUnit)
    {
        if (token is not JObject figures)
        {
            Faults.Add($"{place}: the three figures must stand in an object.");
            return null;
        }

        Expect(figures, place, "unit", "microUsdPerMillion", "stepMicroUsd", "minimumMicroUsd", "tiers");
        var price = new ModelPrice(Figure(figures, "microUsdPerMillion"), Figure(figures, "stepMicroUsd"), Figure(figures, "minimumMicroUsd"))
        {
            Unit = ReadUnit(figures, place) ?? usualUnit,
        };
        price = price with { Tiers = ReadTiers(figures["tiers"], place, price) };
        if (!(allowsFree ? price.IsSaneOrFree : price.IsSane))
        {
            Faults.Add(
                $"{place}: the three figures must be whole numbers from 1 to {ModelPrice.Highest}"
                + (price.Unit == PriceUnit.Character ? "." : $", the rate of a {PriceBook.NameOf(price.Unit)} to {ModelPrice.HighestRateOf(price.Unit)}."));
        }

        return price;
    }

    private PriceVersion? ReadVersion(JToken version, int index, PriceUnit unit)
    {
        if (version["id"] is not JValue { Value: string { Length: > 0 } id }
            || version["from"] is not JValue { Value: string date }
            || !DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from)
            || version["models"] is not JObject models)
        {
            Faults.Add($"version {index + 1}: every version needs an id, a date in 'from', and 'models'.");
            return null;
        }

        Expect((JObject)version, $"version {id}", "id", "from", "models");
        if (id.Contains(':', StringComparison.Ordinal))
        {
            Faults.Add($"version {id}: an id has no colon: 'override:7' is the name of a tenant's own price.");
        }

        var prices = new Dictionary<string, ModelPrice>(StringComparer.Ordinal);
        foreach (var model in models.Properties())
        {
            if (ReadPrice(model.Value, $"version {id}, {model.Name}", unit) is { } price)
            {
                prices[model.Name] = price;
            }
        }

        return new PriceVersion(id, from, prices);
    }

    private PriceUnit? ReadUnit(JObject place, string name)
    {
        if (place["unit"] is null)
        {
            return null;
        }

        var index = Array.IndexOf(UnitNames, (place["unit"] as JValue)?.Value as string);
        if (index < 0)
        {
            Faults.Add($"{name}: 'unit' must be one of {string.Join(", ", UnitNames)}.");
            return null;
        }

        return Enum.GetValues<PriceUnit>()[index];
    }

    private List<PriceTier> ReadTiers(JToken? token, string place, ModelPrice price)
    {
        if (token is null)
        {
            return [];
        }

        var tiers = (token as JArray ?? []).OfType<JObject>()
            .Select(static tier => new PriceTier(Figure(tier, "fromUnits"), Figure(tier, "microUsdPerMillion"))).ToList();
        var isRising = tiers.Zip(tiers.Skip(1)).All(static pair => pair.First.FromUnits < pair.Second.FromUnits);
        if (tiers.Count == 0 || tiers.Count != ((JArray)token).Count || !isRising
            || tiers.Exists(tier => tier.FromUnits < 1 || !price.IsRate(tier.MicroUsdPerMillion, lowest: 1)))
        {
            Faults.Add(
                $"{place}: 'tiers' must be a list of {{\"fromUnits\", \"microUsdPerMillion\"}} in rising order, whole numbers from 1, "
                + $"the rate to {ModelPrice.HighestRateOf(price.Unit)}.");
        }

        foreach (var tier in (token as JArray ?? []).OfType<JObject>())
        {
            Expect(tier, $"{place}, tiers", "fromUnits", "microUsdPerMillion");
        }

        return tiers;
    }

    private void Expect(JObject place, string name, params string[] known)
    {
        foreach (var field in place.Properties().Where(field => !known.Contains(field.Name, StringComparer.Ordinal)))
        {
            Faults.Add($"{name}: there is no '{field.Name}' here. Known: {string.Join(", ", known)}.");
        }
    }

    private static long Figure(JObject place, string name) => place[name] is JValue { Value: long value } ? value : -1;
}
