using System.Numerics;
using Platform.Catalog;
using Platform.Pricing;
using Platform.Tests.Catalog;
using Xunit;

namespace Platform.Tests.Pricing;

public sealed class PriceBookTests
{
    private const string Air = "alibaba:qwen@3-tts-1.7b-customvoice";

    private static readonly SchemaFiles s_files = SchemaFiles.Embedded();

    private static readonly PriceBook s_book = PriceBook.Load(s_files, [Air]);

    [Theory]
    [InlineData(1040, 600)]
    [InlineData(489, 300)]
    [InlineData(790, 400)]
    [InlineData(795, 400)]
    [InlineData(1, 100)]
    [InlineData(0, 100)]
    [InlineData(200, 100)]
    [InlineData(201, 200)]
    [InlineData(400, 200)]
    [InlineData(2000, 1000)]
    [InlineData(int.MaxValue, 1_073_741_900)]
    public void Rounds_each_result_up_to_a_hundred_micro_usd(int codePoints, long microUsd)
    {
        var quote = s_book.Quote(Air, codePoints, DateTimeOffset.UnixEpoch);
        Assert.Equal(new Quote(microUsd, "2020-01-01", "character", codePoints, 500_000), quote);
    }

    [Fact]
    public void Every_model_of_the_catalog_has_a_price() =>
        Assert.NotNull(PriceBook.Load(s_files, SampleTask.Catalog.Models.Select(model => model.Air)));

    [Fact]
    public void A_price_is_the_exact_product_rounded_up_whatever_the_figures()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var price = new ModelPrice(Figure(random), Figure(random), Figure(random));
            var units = (int)(random.NextInt64(1L << 31) >> random.Next(31));
            var actual = price.Of(units);
            var micro = new BigInteger(units) * price.MicroUsdPerMillion;

            Assert.True(actual >= price.MinimumMicroUsd);
            Assert.True(new BigInteger(actual) * 1_000_000 >= micro);
            if (actual > price.MinimumMicroUsd)
            {
                Assert.Equal(0, actual % price.StepMicroUsd);
                Assert.True(new BigInteger(actual - price.StepMicroUsd) * 1_000_000 < micro);
            }

            Assert.True(price.Of(units - Math.Min(units, 1)) <= actual);
        }
    }

    [Fact]
    public void The_highest_figures_do_not_overflow()
    {
        var price = new ModelPrice(ModelPrice.Highest, ModelPrice.Highest, ModelPrice.Highest);
        Assert.True(price.IsSane);
        Assert.Equal(2_148_000_000_000, price.Of(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => price.Of(-1));
    }

    [Fact]
    public void A_version_is_in_force_from_its_instant_until_the_next_that_names_the_model()
    {
        var book = PriceBook.Load(
            WithVersions(
                Version("a", "2020-01-01", Price("m", 100), Price("old", 10)),
                Version("b", "2021-01-01", Price("m", 200), Price("late", 900)),
                Version("c", "2022-01-01T12:00:00Z", Price("m", 300))),
            ["m", "old", "late"]);
        Assert.Equal("a", book.Quote("m", 1, At("2020-12-31T23:59:59.9999999Z")).PriceVersion);
        Assert.Equal("b", book.Quote("m", 1, At("2021-01-01T00:00:00Z")).PriceVersion);
        Assert.Equal("b", book.Quote("m", 1, At("2022-01-01T13:59:59+02:00")).PriceVersion);
        Assert.Equal("c", book.Quote("m", 1, At("2022-01-01T14:00:00+02:00")).PriceVersion);
        Assert.Equal("a", book.Quote("old", 1, At("2030-01-01T00:00:00Z")).PriceVersion);
        Assert.Equal("b", book.Quote("late", 1, At("2019-01-01T00:00:00Z")).PriceVersion);
        Assert.Equal(300, book.Quote("m", 1, DateTimeOffset.MaxValue).MicroUsdPerMillion);
    }

    [Fact]
    public void Throws_for_a_model_without_a_price() =>
        Assert.Throws<ArgumentException>(() => s_book.Quote("other", 1, DateTimeOffset.UnixEpoch));

    [Fact]
    public void Refuses_a_broken_price_book_and_says_where()
    {
        Refuses("has no price for the model m", Version("a", "2020-01-01", Price("other", 1)));
        Refuses("in the order of their dates", Version("a", "2021-01-01", Price("m", 1)), Version("b", "2020-01-01", Price("m", 1)));
        Refuses("in the order of their dates", Version("a", "2020-01-01", Price("m", 1)), Version("b", "2020-01-01", Price("m", 1)));
        Refuses("with an id of its own", Version("a", "2020-01-01", Price("m", 1)), Version("a", "2021-01-01", Price("m", 1)));
        Refuses("needs an id, a date", Version("a", "someday", Price("m", 1)));
        Refuses("needs an id, a date", Version("", "2020-01-01", Price("m", 1)));
        Refuses("version a, m: the three figures", Version("a", "2020-01-01", Price("m", 0)));
        Refuses("version a, m: the three figures", Version("a", "2020-01-01", Price("m", ModelPrice.Highest + 1)));
        Refuses("version a, m: the three figures", Version("a", "2020-01-01", "\"m\":{\"microUsdPerMillion\":0.5}"));
        Refuses("version a, m: the three figures", Version("a", "2020-01-01", "\"m\":5"));
    }

    private static void Refuses(string message, params string[] versions)
    {
        var fault = Assert.Throws<InvalidDataException>(() => PriceBook.Load(WithVersions(versions), ["m"]));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    private static SchemaFiles WithVersions(params string[] versions) =>
        s_files.With("schemas/prices.json", $"{{\"unit\":\"character\",\"versions\":[{string.Join(",", versions)}]}}");

    private static string Version(string id, string from, params string[] prices) =>
        $"{{\"id\":\"{id}\",\"from\":\"{from}\",\"models\":{{{string.Join(",", prices)}}}}}";

    private static string Price(string model, long perMillion) =>
        $"\"{model}\":{{\"microUsdPerMillion\":{perMillion},\"stepMicroUsd\":100,\"minimumMicroUsd\":100}}";

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text);

    private static long Figure(Random random) => 1 + (random.NextInt64(ModelPrice.Highest) >> random.Next(30));
}
