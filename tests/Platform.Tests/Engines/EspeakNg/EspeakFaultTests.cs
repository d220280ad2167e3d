using Platform.Engines.EspeakNg;
using Xunit;

namespace Platform.Tests.Engines.EspeakNg;

public sealed class EspeakFaultTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("espeak-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Finds_nothing_where_everything_is_installed() => Assert.Null(await FindAsync(new EspeakOptions()));

    [Fact]
    public async Task Names_the_package_of_a_missing_espeak() =>
        Assert.EndsWith("install the Debian package espeak-ng.", await FindAsync(new EspeakOptions { Program = "/nowhere/espeak-ng" }));

    [Fact]
    public async Task Names_the_package_of_a_missing_kana_reader() =>
        Assert.EndsWith("install the Debian package kakasi.", await FindAsync(new EspeakOptions { KanaProgram = "/nowhere/kakasi" }));

    [Fact]
    public async Task Notices_a_missing_variant_that_espeak_would_pass_over()
    {
        var program = await Scripts.WriteAsync(folder, $"echo 'eSpeak NG text-to-speech: 1.51  Data at: {folder}'");
        Assert.Contains("no variant f5", await FindAsync(new EspeakOptions { Program = program }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notices_a_missing_language()
    {
        var variants = Directory.CreateDirectory(Path.Combine(folder, "voices", "!v")).FullName;
        foreach (var voice in EspeakVoice.All)
        {
            await File.WriteAllTextAsync(Path.Combine(variants, voice.Variant), "", TestContext.Current.CancellationToken);
        }

        var program = await Scripts.WriteAsync(folder, $"echo 'Data at: {folder}'; echo ' 2  en-us  --/M'");
        Assert.Contains("does not speak Chinese", await FindAsync(new EspeakOptions { Program = program }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_program_that_is_not_espeak() =>
        Assert.Contains("does not say", await FindAsync(new EspeakOptions { Program = "echo" }), StringComparison.Ordinal);

    private static async Task<string?> FindAsync(EspeakOptions options) =>
        await new EspeakEngine(options).FindFaultAsync(TestContext.Current.CancellationToken);
}
