using System.Text;
using Newtonsoft.Json.Linq;
using Platform.Catalog;
using Platform.Engines;
using Platform.Media;
using Platform.Pricing;
using Platform.Tests.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Catalog;

/// <summary>A model is data: a schema file, a price line and a pool line take it all the way to a file.</summary>
public sealed class AddedModelTests
{
    private const string Air = "test:narrator@1";

    private readonly SchemaFiles _files = Added();

    [Fact]
    public void Is_listed_beside_the_others_with_its_pool()
    {
        var catalog = ModelCatalog.Load(_files);
        Assert.Equal(SampleTask.Catalog.Models.Count + 1, catalog.Models.Count);
        Assert.Equal(("Narrator", "narrator"), (catalog.Find(Air)?.Name, catalog.Find(Air)?.Pool));
    }

    [Fact]
    public async Task Is_checked_priced_spoken_and_encoded()
    {
        var catalog = ModelCatalog.Load(_files);
        var prices = PriceBook.Load(_files, catalog.Models.Select(model => model.Air));
        var bytes = Encoding.UTF8.GetBytes(Text("\"outputFormat\":\"flac\""));
        var checkedTask = catalog.Check(StrictJson.Parse(bytes, maxTasks: 1).Tasks!.Single().Json);
        Assert.True(checkedTask.IsAccepted, SampleTask.Codes(checkedTask));

        // 12 code points at two dollars a million, in whole micro-dollars.
        Assert.Equal(24, prices.Quote(Air, checkedTask.Spec.TextLength, DateTimeOffset.UnixEpoch).MicroUsdPerResult);

        var spec = catalog.Interpret(bytes);
        Assert.Equal(checkedTask.Spec, spec);
        var outcome = await Requests.Engine.SpeakAsync(RequestOf(spec), TestContext.Current.CancellationToken);
        Assert.True(outcome.Succeeded, outcome.Failure?.Message);
        var file = AudioEncoder.Encode(outcome.Audio, spec.Target);
        Assert.StartsWith("fLaC", Encoding.ASCII.GetString(file.Bytes.Span[..4]), StringComparison.Ordinal);
        Assert.InRange(file.Duration.TotalSeconds, 0.4, 3);
    }

    [Theory]
    [InlineData("\"audioSettings\":{}", "unknownParameter audioSettings")]
    [InlineData("\"positivePrompt\":\"x\"", "unknownParameter positivePrompt")]
    [InlineData("\"outputFormat\":\"MP3\"", "invalidOutputFormat outputFormat")]
    [InlineData("\"numberResults\":3", "invalidNumberResults numberResults")]
    public void Is_held_to_its_own_schema(string members, string errors) =>
        Assert.Equal(errors, SampleTask.Codes(ModelCatalog.Load(_files).Check(SampleTask.Parse(Text(members)))));

    [Fact]
    public void Needs_its_price_and_its_pool()
    {
        var embedded = SchemaFiles.Embedded();
        var withoutPool = _files.With("schemas/pools.json", embedded.Text("schemas/pools.json"));
        var fault = Assert.Throws<InvalidDataException>(() => ModelCatalog.Load(withoutPool));
        Assert.Contains($"names no pool for the model {Air}", fault.Message, StringComparison.Ordinal);

        fault = Assert.Throws<InvalidDataException>(() => PriceBook.Load(embedded, ModelCatalog.Load(_files).Models.Select(model => model.Air)));
        Assert.Contains($"no price for the model {Air}", fault.Message, StringComparison.Ordinal);
    }

    private static SchemaFiles Added()
    {
        var files = SchemaFiles.Embedded();
        var schema = files.Object(SchemaExamplesTests.PathOf(SampleTask.Air));
        var fields = (JObject)schema["properties"]!;
        schema["title"] = "Narrator";
        fields["model"]!["enum"] = new JArray(Air);
        fields["outputFormat"]!["enum"] = new JArray("FLAC", "WAV");
        fields["outputFormat"]!["default"] = "WAV";
        fields["numberResults"]!["maximum"] = 2;
        fields.Remove("audioSettings");
        fields.Remove("positivePrompt");
        fields.Remove("webhookURL");
        var prices = files.Object("schemas/prices.json");
        prices["versions"]![0]!["models"]![Air] = SampleTask.Parse("""{"microUsdPerMillion":2000000,"stepMicroUsd":1,"minimumMicroUsd":1}""");
        var pools = files.Object("schemas/pools.json");
        pools[Air] = "narrator";
        return files.With("schemas/models/narrator.json", schema.ToString())
            .With("schemas/prices.json", prices.ToString())
            .With("schemas/pools.json", pools.ToString());
    }

    private static string Text(string members) => SampleTask.Text(members).Replace(SampleTask.Air, Air, StringComparison.Ordinal);

    private static SpeechRequest RequestOf(SpeechSpec spec) => new()
    {
        Model = spec.Model,
        Text = spec.Text,
        Voice = spec.Voice,
        Language = spec.Language,
        Speed = spec.Speed,
        Seed = 1,
        MaxNewTokens = spec.MaxNewTokens,
    };
}
