using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Newtonsoft.Json.Linq;
using Platform.Api.Lists;
using Platform.Catalog;
using Platform.Hosting;
using Platform.Pricing;

namespace Platform.Server;

/// <summary><c>prices check | list | set | reset</c>.</summary>
internal static class PriceVerbs
{
    private static readonly Option<Guid> Id = Verb.Tenant();
    private static readonly Option<bool> Json = Verb.Json();
    private static readonly Option<string> Model = new("--model") { Required = true, Description = "The model's AIR." };
    private static readonly Option<string?> From = new("--from") { Description = "When it comes into force, in ISO 8601. Default: now." };

    public static Command Create() => new("prices", "The price book, and prices of single tenants.")
    {
        Check(),
        Verb.Make("list", "A tenant's own prices, in the order in which they come into force.", [Id, Json], ListAsync),
        Set(),
        Verb.Make("reset", "Let the price of the book hold for a tenant again.", [Id, Model, From, Json],
            (services, given, cancellation) => SetAsync(services, given, null, cancellation)),
    };

    private static Command Check()
    {
        var file = new Option<string?>("--file") { Description = "A price book. Default: the one that the program carries." };
        var free = new Option<bool>("--allow-free") { Description = "Let models cost nothing, as Pricing:AllowFree does." };
        var command = new Command("check", "Say everything that is wrong with a price book.") { file, free };
        command.SetAction(given =>
        {
            var files = SchemaFiles.Embedded();
            var models = ModelCatalog.Load(files).Models.Select(static model => model.Air).ToList();
            var options = new PricingOptions { File = given.GetValue(file) ?? "", AllowFree = given.GetValue(free) };
            PriceSetup.LoadBook(options, files, models);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The price book is right; all {models.Count} models have a price."));
            return 0;
        });
        return command;
    }

    private static Command Set()
    {
        var rate = new Option<long>("--per-million") { Required = true, Description = "Micro-USD of a million units." };
        var step = Usual("--step", "Each result is rounded up to a multiple of so many micro-USD.", 100L);
        var minimum = Usual("--minimum", "No result costs less, in micro-USD.", 100L);
        var unit = Usual("--unit", "character, result or second.", "character");
        var tiers = new Option<string?>("--tiers") { Description = "Volume tiers as FROM=PER_MILLION, separated by commas." };
        return Verb.Make("set", "Set a tenant's own price of a model. Tasks that were accepted keep theirs.",
            [Id, Model, rate, step, minimum, unit, tiers, From, Json],
            (services, given, cancellation) =>
            {
                var price = new JObject
                {
                    ["unit"] = given.GetValue(unit),
                    ["microUsdPerMillion"] = given.GetValue(rate),
                    ["stepMicroUsd"] = given.GetValue(step),
                    ["minimumMicroUsd"] = given.GetValue(minimum),
                };
                if (given.GetValue(tiers) is { } text)
                {
                    price["tiers"] = new JArray(text.Split(',').Select(TierOf));
                }

                var reader = new PriceBookReader(allowsFree: true);
                reader.ReadPrice(price, "the price", PriceUnit.Character);
                return reader.Faults.Count == 0
                    ? SetAsync(services, given, price.ToString(Newtonsoft.Json.Formatting.None), cancellation)
                    : throw new VerbRefusedException(string.Join(' ', reader.Faults));
            });
    }

    private static Option<T> Usual<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static JObject TierOf(string text) =>
        text.Split('=') is [var from, var rate] && long.TryParse(from, CultureInfo.InvariantCulture, out var units)
        && long.TryParse(rate, CultureInfo.InvariantCulture, out var perMillion)
            ? new JObject { ["fromUnits"] = units, ["microUsdPerMillion"] = perMillion }
            : throw new VerbRefusedException("--tiers is a list such as 10000000=450000,100000000=400000.");

    private static async Task SetAsync(IServiceProvider services, ParseResult given, string? price, CancellationToken cancellation)
    {
        var (model, now) = (given.GetValue(Model)!, services.Get<TimeProvider>().GetUtcNow());
        if (ModelCatalog.Load(SchemaFiles.Embedded()).Find(model) is null)
        {
            throw new VerbRefusedException($"there is no model {model}.");
        }

        var from = Verb.Instant("--from", given.GetValue(From)) ?? now;
        if (from < now)
        {
            throw new VerbRefusedException("--from must not lie in the past: tasks that were accepted keep their price.");
        }

        var id = await services.Get<SetPrice>().RunAsync(new PriceOrder(given.GetValue(Id), model, from), price, Verb.Actor, cancellation);
        Verb.Answer(
            given.GetValue(Json),
            new { Version = $"override:{id}", Model = model, InForceAt = from },
            $"{(price is null ? "The price of the book" : "The price")} holds for {model} from {Iso8601.Write(from)} on, as override:{id}");
    }

    private static async Task ListAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var own = await services.Get<PriceOverrides>().ListForTenantAsync(given.GetValue(Id), cancellation);
        Verb.Answer(
            given.GetValue(Json),
            new
            {
                Items = own.Select(static one => new
                {
                    one.Version, one.Model, one.InForceAt, Price = one.PriceJson is { } json ? JsonNode.Parse(json) : null,
                }),
            },
            TextTable.Render(
                ["VERSION", "MODEL", "FROM", "PRICE"],
                own.Select(static one => new[] { one.Version, one.Model, Iso8601.Write(one.InForceAt), one.PriceJson ?? "as in the book" })));
    }
}
