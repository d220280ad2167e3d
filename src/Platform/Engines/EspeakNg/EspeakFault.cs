using System.Text;
using System.Text.RegularExpressions;
using Platform.Media;

namespace Platform.Engines.EspeakNg;

/// <summary>Looks whether everything is installed that espeak-ng would otherwise leave out without a word.</summary>
internal static partial class EspeakFault
{
    private const int OutputLimit = 1024 * 1024;

    public static async Task<string?> FindAsync(EspeakOptions options, CancellationToken cancellation) =>
        await FindInEspeakAsync(options.Program, cancellation)
        ?? await FindInKanaAsync(options.KanaProgram, cancellation)
        ?? MediaFault.FindForEngines();

    private static async Task<string?> FindInEspeakAsync(string program, CancellationToken cancellation)
    {
        if (await AskAsync(program, "--version", cancellation) is not { } version)
        {
            return $"The speech engine {program} cannot be run: install the Debian package espeak-ng.";
        }

        if (DataFolder().Match(version) is not { Success: true } folder)
        {
            return $"The speech engine {program} does not say where its data is: install the Debian package espeak-ng.";
        }

        // espeak-ng speaks with its plain voice if a variant is not there, so the files themselves are looked at.
        var variants = Path.Combine(folder.Groups["path"].Value.Trim(), "voices", "!v");
        if (EspeakVoice.All.FirstOrDefault(voice => !File.Exists(Path.Combine(variants, voice.Variant))) is { } voice)
        {
            return $"espeak-ng has no variant {voice.Variant} in {variants}: install the Debian package espeak-ng-data.";
        }

        var listed = await AskAsync(program, "--voices", cancellation) ?? "";
        var codes = ListedCode().Matches(listed).Select(match => match.Groups["code"].Value).ToHashSet(StringComparer.Ordinal);
        return EspeakLanguage.All.FirstOrDefault(language => !codes.Contains(language.Code)) is { } language
            ? $"espeak-ng does not speak {language.Name} ({language.Code}): install the Debian package espeak-ng, 1.51 or newer."
            : null;
    }

    private static async Task<string?> FindInKanaAsync(string program, CancellationToken cancellation) =>
        await new KanaReader(program).ReadAsync("日本", cancellation) is { } kana && !kana.Contains('日', StringComparison.Ordinal)
            ? null
            : $"The Japanese kana reader {program} cannot be run: install the Debian package kakasi.";

    private static async Task<string?> AskAsync(string program, string question, CancellationToken cancellation)
    {
        var outcome = await ChildProgram.RunAsync(new ChildCommand(program, [question], default, OutputLimit), cancellation);
        return outcome.ExitCode == 0 ? Encoding.UTF8.GetString(outcome.Output.Span) : null;
    }

    [GeneratedRegex(@"Data at: (?<path>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DataFolder();

    [GeneratedRegex(@"^ *\d+ +(?<code>\S+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ListedCode();
}
