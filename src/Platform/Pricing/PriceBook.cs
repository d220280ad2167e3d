using System.Globalization;
using Newtonsoft.Json.Linq;
using Platform.Catalog;

namespace Platform.Pricing;

/// <summary>
/// The dated prices of <c>schemas/prices.json</c>. A version stays in force from its date until the next one that names the
/// model; before its first version a model has that version's price. Pure and safe for many threads.
/// </summary>
internal sealed class PriceBook
{
    private const string Path = "schemas/prices.json";

    private readonly string _unit;
    private readonly PriceVersion[] _versions;

    private PriceBook(string unit, PriceVersion[] versions)
    {
        _unit = unit;
        _versions = versions;
    }

    /// <param name="models">The models that must have a price.</param>
    /// <exception cref="InvalidDataException">The file is broken or leaves a model without a price; the message says where.</exception>
    public static PriceBook Load(SchemaFiles files, IEnumerable<string> models)
    {
        var file = files.Object(Path);
        var versions = file["versions"] is JArray list ? list.Select(ReadVersion).ToArray() : [];
        var inOrder = versions.Zip(versions.Skip(1)).All(pair => pair.First.From < pair.Second.From);
        if (!inOrder || versions.DistinctBy(version => version.Id, StringComparer.Ordinal).Count() != versions.Length)
        {
            throw new InvalidDataException($"{Path}: versions must stand in the order of their dates, each with an id of its own.");
        }

        var unpriced = models.FirstOrDefault(model => !Array.Exists(versions, version => version.Prices.ContainsKey(model)));
        return unpriced is null
            ? new PriceBook(file.Value<string>("unit") ?? throw new InvalidDataException($"{Path} names no unit."), versions)
            : throw new InvalidDataException($"{Path} has no price for the model {unpriced}.");
    }

    /// <summary>The price of one result of a model for a text of so many code points, as of an instant.</summary>
    /// <exception cref="ArgumentException">The model has no price: it is not of the catalog.</exception>
    public Quote Quote(string model, int codePoints, DateTimeOffset at)
    {
        var version = Array.FindLast(_versions, version => version.From <= at && version.Prices.ContainsKey(model))
            ?? Array.Find(_versions, version => version.Prices.ContainsKey(model))
            ?? throw new ArgumentException($"The model {model} has no price.", nameof(model));
        var price = version.Prices[model];
        return new Quote(price.Of(codePoints), version.Id, _unit, codePoints, price.MicroUsdPerMillion);
    }

    private static PriceVersion ReadVersion(JToken version)
    {
        if (version["id"] is not JValue { Value: string { Length: > 0 } id }
            || version["from"] is not JValue { Value: string date }
            || !DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from)
            || version["models"] is not JObject models)
        {
            throw new InvalidDataException($"{Path}: every version needs an id, a date in 'from', and 'models'.");
        }

        return new PriceVersion(
            id,
            from,
            models.Properties().ToDictionary(model => model.Name, model => ReadPrice(id, model), StringComparer.Ordinal));
    }

    private static ModelPrice ReadPrice(string version, JProperty model)
    {
        var price = new ModelPrice(Figure("microUsdPerMillion"), Figure("stepMicroUsd"), Figure("minimumMicroUsd"));
        return price.IsSane
            ? price
            : throw new InvalidDataException(
                $"{Path}: version {version}, {model.Name}: the three figures must be whole numbers from 1 to {ModelPrice.Highest}.");

        long Figure(string name) => model.Value is JObject figures && figures[name] is JValue { Value: long value } ? value : 0;
    }

    private sealed record PriceVersion(string Id, DateTimeOffset From, IReadOnlyDictionary<string, ModelPrice> Prices);
}
