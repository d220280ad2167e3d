using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Platform.Tests.Deploy;

/// <summary>
/// The program that checks manifests, started once: loading Kubernetes' types takes seconds. It ends with its input, and so with this process.
/// </summary>
internal sealed class ManifestCheck(string node, string script) : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly SemaphoreSlim _turn = new(1);
    private Process? _program;

    /// <summary>The documents of a text, what is wrong with them, and kinds that no schema knows.</summary>
    public async Task<JsonNode> RunAsync(string yaml)
    {
        await _turn.WaitAsync();
        try
        {
            _program ??= Start();
            await _program.StandardInput.WriteLineAsync(JsonSerializer.Serialize(yaml));
            await _program.StandardInput.FlushAsync();
            return await _program.StandardOutput.ReadLineAsync() is { } answer
                ? JsonNode.Parse(answer)!
                : throw new InvalidOperationException($"{script} ended: {await _program.StandardError.ReadToEndAsync()}");
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _turn.Dispose();
        _program?.Dispose();
    }

    private Process Start() => Process.Start(new ProcessStartInfo(node, [script])
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardInputEncoding = Utf8,
        StandardOutputEncoding = Utf8,
    }) ?? throw new InvalidOperationException($"{node} did not start.");
}
