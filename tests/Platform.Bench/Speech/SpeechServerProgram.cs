using System.Globalization;

namespace Platform.Bench.Speech;

/// <summary>The speech server as a process of its own: <c>Platform.Bench.dll speech-server</c>.</summary>
internal static class SpeechServerProgram
{
    public const string Verb = "speech-server";

    private const string Usage =
        "usage: bench speech-server [--url http://127.0.0.1:8091] [--dialect vllm-omni|sglang-omni|openai] [--tone MILLISECONDS]";

    /// <summary>Serves until cancelled: with espeak-ng, or with a tone after so many milliseconds.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var (url, dialect) = ("http://127.0.0.1:8091", "vllm-omni");
        ServerVoice voice = ServerVoices.SpeakAsync;
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--url":
                    url = value;
                    break;
                case "--dialect" when value is "vllm-omni" or "sglang-omni" or "openai":
                    dialect = value;
                    break;
                case "--tone" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds):
                    voice = ServerVoices.Tone(TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromSeconds(1));
                    break;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }

        await using var server = await LoopbackServer.StartAsync(dialect, voice, url);
        Console.WriteLine($"Ready: speech on {server.Url}");
        await Task.Delay(Timeout.Infinite, cancellation).ContinueWith(static _ => { }, TaskScheduler.Default);
        return 0;
    }
}
