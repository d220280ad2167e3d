using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;

namespace Platform.Tests.Layout;

/// <summary>Which places may speak a provider's own API: everything else has to work with any provider (design, section 3).</summary>
internal static class ProviderRules
{
    private static readonly (Regex Names, string[] Places)[] Table =
    [
        (Words(@"RabbitMqTransport|RabbitMQ\.Client|UsingRabbitMq|UsingInMemory|IRabbitMq\w*"),
            ["src/Platform/Messaging/TransportSetup.cs", "src/Platform/Messaging/AskBroker.cs"]),
        (Words(@"UseNpgsql|NpgsqlDataSourceBuilder|NpgsqlConnectionStringBuilder|EmbeddedPostgres"), ["src/Platform/Persistence/"]),
        (Words(@"AmazonS3\w*|IAmazonS3|Amazon\.S3"), ["src/Platform/Storage/"]),
        (Words(@"Espeak\w*|NullEngine|VllmOmni\w*|DashScope\w*"), ["src/Platform/Engines/"]),
        (Words(@"Lame\w*|Vorbis\w*|Flac(Native|Encoder)\w*|Sonic\w*|Soxr\w*|Sndfile\w*|Mpeg\w*"), ["src/Platform/Media/"]),
        (Words(@"Stripe\w*"), ["src/Platform/Ledger/Stripe/", "src/Platform/Api/Payments/", "src/Platform/Hosting/PaymentSetup.cs"]),
    ];

    public static IEnumerable<Finding> Check(IReadOnlyList<SourceFile> files)
    {
        foreach (var file in files.Where(file => file.Path.StartsWith("src/Platform/", StringComparison.Ordinal)))
        {
            var lines = CodeByLine(file);
            foreach (var (names, places) in Table.Where(row =>
                !row.Places.Any(place => file.Path.StartsWith(place, StringComparison.Ordinal))))
            {
                foreach (var (line, code) in lines)
                {
                    if (names.Match(code) is { Success: true } match)
                    {
                        yield return new Finding(file.Path, line, $"it speaks of {match.Value}", string.Join(", ", places));
                    }
                }
            }
        }
    }

    /// <summary>The tokens of each line without comments and without what stands in strings.</summary>
    private static IEnumerable<(int Line, string Code)> CodeByLine(SourceFile file) =>
        file.Root.DescendantTokens()
            .Where(token => token.Kind() is not (SyntaxKind.StringLiteralToken or SyntaxKind.Utf8StringLiteralToken
                or SyntaxKind.InterpolatedStringTextToken
                or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken))
            .GroupBy(file.LineOf)
            .Select(line => (line.Key, string.Concat(line.Select(token => token.Text + (token.TrailingTrivia.Any() ? " " : "")))));

    private static Regex Words(string pattern) => new($@"\b({pattern})\b", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
