using Newtonsoft.Json.Linq;
using Platform.Pricing;
using Xunit;

namespace Platform.Tests.Pricing;

/// <summary>Units, tiers and the faults of a price book.</summary>
public sealed class PriceUnitTests
{
    private static readonly PriceLine s_tiered = Line("""
        "unit":"character","microUsdPerMillion":500000,"stepMicroUsd":1,"minimumMicroUsd":1,
        "tiers":[{"fromUnits":1000,"microUsdPerMillion":400000},{"fromUnits":5000,"microUsdPerMillion":100000}]
        """);

    [Fact]
    public void A_result_costs_the_same_whatever_is_in_it()
    {
        var line = Line("""
            "unit":"result","microUsdPerMillion":20000000000,"stepMicroUsd":100,"minimumMicroUsd":100
            """);

        var quote = PriceBook.QuoteOf(line, new PricedWork(5000, 99));

        Assert.Equal(("result", 1L, 20_000L), (quote.Unit, quote.Units, quote.MicroUsdPerResult));
        Assert.False(quote.Terms!.IsMetered);
    }

    [Theory]
    [InlineData(0.01, 1, 100)]
    [InlineData(1.0, 1, 100)]
    [InlineData(1.001, 2, 200)]
    [InlineData(30, 30, 3000)]
    [InlineData(999, 999, 4000)]
    public void Seconds_are_held_for_the_longest_and_paid_for_what_came_begun_ones_whole(double seconds, long units, long microUsd)
    {
        var line = Line("""
            "unit":"second","microUsdPerMillion":100000000,"stepMicroUsd":100,"minimumMicroUsd":100
            """);
        var quote = PriceBook.QuoteOf(line, new PricedWork(5000, 40));
        Assert.Equal(("second", 40L, 4000L), (quote.Unit, quote.Units, quote.MicroUsdPerResult));

        var kept = PriceTerms.Parse(quote.Terms!.ToString())!;

        Assert.Equal((units, microUsd), kept.OfResult(TimeSpan.FromSeconds(seconds), quote.MicroUsdPerMillion, quote.MicroUsdPerResult));
    }

    [Theory]
    [InlineData(0, 500_000)]
    [InlineData(999, 500_000)]
    [InlineData(1000, 400_000)]
    [InlineData(4999, 400_000)]
    [InlineData(5000, 100_000)]
    [InlineData(long.MaxValue, 100_000)]
    public void The_tier_is_the_last_one_that_the_month_has_reached(long monthToDate, long rate)
    {
        var quote = PriceBook.QuoteOf(s_tiered, new PricedWork(10, 0), monthToDate);

        Assert.Equal((rate, rate / 100_000), (quote.MicroUsdPerMillion, quote.MicroUsdPerResult));
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var fault = Assert.Throws<InvalidDataException>(() => Load(
            """
            {"unit":"byte","colour":1,"versions":[
              {"id":"a","from":"2020-01-01","models":{"m":{"microUsdPerMillion":0,"stepMicroUsd":1,"minimumMicroUsd":1}}},
              {"id":"b:1","from":"2021-01-01","models":{"m":{"microUsdPerMillion":1,"stepMicroUsd":1,"minimumMicroUsd":1,"unit":"page"},
                "n":{"microUsdPerMillion":1,"stepMicroUsd":1,"minimumMicroUsd":1,
                  "tiers":[{"fromUnits":5,"microUsdPerMillion":1},{"fromUnits":5,"microUsdPerMillion":1}]}}}]}
            """, "m", "missing"));

        foreach (var part in new[]
        {
            "there is no 'colour' here", "the file: 'unit' must be one of character, result, second", "version a, m: the three figures",
            "version b:1: an id has no colon", "version b:1, m: 'unit'", "version b:1, n: 'tiers'", "no price for the model missing",
            "7 things are wrong",
        })
        {
            Assert.Contains(part, fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_model_may_cost_nothing_where_that_is_allowed_and_nowhere_else()
    {
        const string free = """
            {"unit":"character","versions":[{"id":"a","from":"2020-01-01","models":{"m":{"microUsdPerMillion":0,"stepMicroUsd":1,"minimumMicroUsd":0}}}]}
            """;

        Assert.Throws<InvalidDataException>(() => Load(free, "m"));
        var book = PriceBook.Load(Parse(free), "a file", ["m"], allowsFree: true);

        Assert.Equal(0, book.Quote("m", 500, DateTimeOffset.UnixEpoch).MicroUsdPerResult);
    }

    [Fact]
    public void The_highest_prices_of_every_unit_stay_far_from_what_a_number_holds()
    {
        foreach (var unit in Enum.GetValues<PriceUnit>())
        {
            var price = new ModelPrice(ModelPrice.HighestRateOf(unit), 1, 1) { Unit = unit };
            Assert.True(price.IsSane);
            var most = unit == PriceUnit.Result ? 1 : unit == PriceUnit.Second ? 4_000_000 : int.MaxValue;
            Assert.InRange(price.Of(most), 1, 50_000_000_000_000);
        }
    }

    private static PriceLine Line(string price) =>
        new("v", new PriceBookReader(allowsFree: false).ReadPrice(JToken.Parse("{" + price + "}"), "test", PriceUnit.Character)!);

    private static PriceBook Load(string json, params string[] models) => PriceBook.Load(Parse(json), "a file", models, allowsFree: false);

    private static JObject Parse(string json)
    {
        using var reader = new Newtonsoft.Json.JsonTextReader(new StringReader(json)) { DateParseHandling = Newtonsoft.Json.DateParseHandling.None };
        return JObject.Load(reader);
    }
}
