using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Platform.Engines.EspeakNg;

/// <summary>All that one run of espeak-ng depends on but the pace.</summary>
/// <param name="Voice">espeak-ng's <c>language+variant</c>.</param>
/// <param name="Prosody">The voice's settings, as the seed varies them.</param>
/// <param name="Text">Safe text.</param>
internal sealed record Utterance(string Voice, Prosody Prosody, SpeakableText Text);

/// <summary>What one run gave: samples at the rate that espeak-ng states, or a failure.</summary>
/// <param name="Cut">The length limit was reached before the text ended.</param>
internal sealed record PassOutcome(Pcm? Audio, bool Cut, EngineFailure? Failure);

/// <summary>One run of the espeak-ng program.</summary>
internal sealed class EspeakPass(string program)
{
    private const int HeaderLength = 44;
    private const int UsualRate = 22_050;

    /// <summary>Speaks at <paramref name="wordsPerMinute"/> and stops at <paramref name="limit"/> of audio.</summary>
    public async Task<PassOutcome> RunAsync(Utterance utterance, int wordsPerMinute, TimeSpan limit, CancellationToken cancellation)
    {
        // The range has no option of its own: espeak-ng takes it as a control-A command in the text, where a customer's cannot be.
        var input = Encoding.UTF8.GetBytes($"\u0001{utterance.Prosody.Range}R{utterance.Text.Text}");
        string[] arguments =
        [
            "-v", utterance.Voice, "-p", $"{utterance.Prosody.Pitch}", "-s", $"{wordsPerMinute}", "-b", "1", "--stdin", "--stdout",
        ];
        var bytes = HeaderLength + (sizeof(short) * (long)Math.Ceiling(limit.TotalSeconds * UsualRate));
        var command = new ChildCommand(program, arguments, input, (int)Math.Min(bytes, int.MaxValue / 2));
        return Read(await ChildProgram.RunAsync(command, cancellation), utterance.Text.HasWords);
    }

    private static PassOutcome Read(ChildOutcome outcome, bool hasWords)
    {
        if (!outcome.Started)
        {
            return Failed(EspeakFailures.NotStarted);
        }

        if (outcome is { LimitHit: false, ExitCode: not 0 })
        {
            return Failed(outcome.ExitCode > 128 ? EspeakFailures.Killed : EspeakFailures.Exit);
        }

        var output = outcome.Output.Span;
        if (output.Length <= HeaderLength)
        {
            return hasWords ? Failed(EspeakFailures.Empty) : new PassOutcome(new Pcm(default, UsualRate), Cut: false, Failure: null);
        }

        // A pipe cannot be seeked, so the sizes in the header are placeholders; the rate is true.
        if (!output.StartsWith("RIFF"u8))
        {
            return Failed(EspeakFailures.NotWave);
        }

        var rate = BinaryPrimitives.ReadInt32LittleEndian(output[24..]);
        var samples = MemoryMarshal.Cast<byte, short>(output[HeaderLength..]).ToArray();
        return new PassOutcome(new Pcm(samples, rate), outcome.LimitHit, Failure: null);
    }

    private static PassOutcome Failed(EngineFailure failure) => new(null, Cut: false, failure);
}
