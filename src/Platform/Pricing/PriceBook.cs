using System.Runtime.InteropServices;
using Newtonsoft.Json.Linq;
using Platform.Catalog;

namespace Platform.Pricing;

/// <summary>A price and where it stands.</summary>
/// <param name="Version">The id of the price book's version, or of the tenant's own price.</param>
internal sealed record PriceLine(string Version, ModelPrice Price);

/// <summary>
/// The dated prices of <c>schemas/prices.json</c>. A version stays in force from its date until the next one that names the
/// model; before its first version a model has that version's price. Pure and safe for many threads.
/// </summary>
internal sealed class PriceBook
{
    public const string Path = "schemas/prices.json";

    private readonly PriceVersion[] _versions;

    private PriceBook(PriceVersion[] versions) => _versions = versions;

    /// <param name="files">Where the book is.</param>
    /// <param name="models">The models that must have a price.</param>
    /// <exception cref="InvalidDataException">The file is broken or leaves a model without a price; the message lists all that is wrong.</exception>
    public static PriceBook Load(SchemaFiles files, IEnumerable<string> models) => Load(files.Object(Path), Path, models, allowsFree: false);

    /// <inheritdoc cref="Load(SchemaFiles, IEnumerable{string})"/>
    /// <param name="file">The book itself.</param>
    /// <param name="name">How messages call it.</param>
    /// <param name="models">The models that must have a price.</param>
    /// <param name="allowsFree">Whether a model may cost nothing.</param>
    public static PriceBook Load(JObject file, string name, IEnumerable<string> models, bool allowsFree)
    {
        var reader = new PriceBookReader(allowsFree);
        var versions = reader.Read(file);
        foreach (var model in models.Where(model => !versions.Exists(version => version.Prices.ContainsKey(model))))
        {
            reader.Faults.Add($"has no price for the model {model}.");
        }

        return reader.Faults.Count == 0 ? new PriceBook([.. versions]) : throw new InvalidDataException(
            reader.Faults.Count == 1
                ? $"{name}: {reader.Faults[0]}"
                : $"{name}: {reader.Faults.Count} things are wrong:\n  " + string.Join("\n  ", reader.Faults));
    }

    /// <summary>The price of a model as of an instant.</summary>
    /// <exception cref="ArgumentException">The model has no price: it is not of the catalog.</exception>
    public PriceLine Find(string model, DateTimeOffset at)
    {
        var version = Array.FindLast(_versions, version => version.From <= at && version.Prices.ContainsKey(model))
            ?? Array.Find(_versions, version => version.Prices.ContainsKey(model))
            ?? throw new ArgumentException($"The model {model} has no price.", nameof(model));
        return new PriceLine(version.Id, version.Prices[model]);
    }

    /// <summary>The price that a version has for a model; null where it has none.</summary>
    public ModelPrice? FindOfVersion(string version, string model) =>
        Array.Find(_versions, one => string.Equals(one.Id, version, StringComparison.Ordinal))?.Prices.GetValueOrDefault(model);

    /// <summary>The price of one result of a model for a text of so many code points, as of an instant, without tiers.</summary>
    public Quote Quote(string model, int codePoints, DateTimeOffset at) => QuoteOf(Find(model, at), new PricedWork(codePoints, 0));

    /// <summary>What one result costs at the most by a price, after so many units of the tenant's month.</summary>
    public static Quote QuoteOf(PriceLine line, PricedWork work, long monthToDate = 0)
    {
        var price = line.Price;
        var units = price.Unit switch
        {
            PriceUnit.Character => work.CodePoints,
            PriceUnit.Second => work.LongestSeconds,
            _ => 1L,
        };
        var rate = price.RateAfter(monthToDate);
        var terms = price.Unit switch
        {
            PriceUnit.Character => null,
            PriceUnit.Second => new PriceTerms(NameOf(price.Unit), price.StepMicroUsd, price.MinimumMicroUsd),
            _ => new PriceTerms(NameOf(price.Unit)),
        };
        var most = ModelPrice.Of(units, rate, price.StepMicroUsd, price.MinimumMicroUsd);
        return new Quote(most, line.Version, NameOf(price.Unit), units, rate) { Terms = terms };
    }

    /// <summary>How a unit is called in the file, in costs and in columns.</summary>
    public static string NameOf(PriceUnit unit) => unit switch
    {
        PriceUnit.Character => "character",
        PriceUnit.Result => "result",
        _ => "second",
    };
}

/// <summary>What one result of a task can come to.</summary>
/// <param name="CodePoints">Of its text.</param>
/// <param name="LongestSeconds">Of audio, at the most.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PricedWork(int CodePoints, long LongestSeconds);

/// <summary>A dated version of the price book.</summary>
internal sealed record PriceVersion(string Id, DateTimeOffset From, IReadOnlyDictionary<string, ModelPrice> Prices);
