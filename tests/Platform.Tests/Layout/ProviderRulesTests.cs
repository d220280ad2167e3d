using Xunit;

namespace Platform.Tests.Layout;

public sealed class ProviderRulesTests
{
    [Theory]
    [InlineData("Tasks/C.cs", "class C { EspeakEngine e; }")]
    [InlineData("Hosting/C.cs", "using Platform.Engines.EspeakNg; class C { void M() => x.UsingRabbitMq(); }")]
    [InlineData("Messaging/Tickets.cs", "using RabbitMQ.Client;")]
    [InlineData("Messaging/Tickets.cs", "class C { void M() => x.UsingInMemory(); }")]
    [InlineData("Tasks/C.cs", "class C { void M() => x.UseNpgsql(); }")]
    [InlineData("Delivery/C.cs", "using Amazon.S3;")]
    [InlineData("Engines/C.cs", "class C { LameNative l; }")]
    [InlineData("Ledger/C.cs", "class C { StripeClient s; }")]
    public void Catches_a_provider_out_of_its_place(string path, string code) => Assert.NotEmpty(Check(path, code));

    [Theory]
    [InlineData("Messaging/TransportSetup.cs", "class C { void M() => x.UsingRabbitMq(); }")]
    [InlineData("Engines/EspeakNg/EspeakEngine.cs", "class EspeakEngine;")]
    [InlineData("Tasks/C.cs", "using Npgsql; class C { NpgsqlDataSource d; }")]
    [InlineData("Hosting/C.cs", "class C { string Default => \"Espeak\"; } // Espeak")]
    [InlineData("Storage/S3Blobs.cs", "using Amazon.S3;")]
    public void Lets_pass_what_is_in_its_place_or_only_a_word(string path, string code) => Assert.Empty(Check(path, code));

    private static IEnumerable<Finding> Check(string path, string code) =>
        ProviderRules.Check([SourceFile.Of("src/Platform/" + path, code)]);
}
