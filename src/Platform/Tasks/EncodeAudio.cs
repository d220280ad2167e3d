using System.Diagnostics;
using Platform.Engines;
using Platform.Media;

namespace Platform.Tasks;

/// <summary>
/// Step 8 of the walk. A sound of some length is encoded on a thread of its own, as many at a time as there are cores: on the threads that all
/// share it would keep every answer of an engine, a database or a store waiting for milliseconds, and with it the slots that they set free.
/// </summary>
internal sealed class EncodeAudio(EnginePools engines) : IDisposable
{
    private static readonly TimeSpan LongestInPlace = TimeSpan.FromMilliseconds(250);
    private readonly SemaphoreSlim _threads = new(Environment.ProcessorCount);

    /// <summary>Null where this machine has no room for the file, which is no fault of the task. Lets go of the sound in any case.</summary>
    public async Task<EncodedAudio?> RunAsync(Pcm audio, AudioTarget target)
    {
        using var owner = audio.Owner;
        if (audio.Duration <= LongestInPlace)
        {
            return Encode(audio, target);
        }

        await _threads.WaitAsync();
        try
        {
            return await Task.Factory.StartNew(
                () => Encode(audio, target), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _threads.Release();
        }
    }

    public void Dispose() => _threads.Dispose();

    private EncodedAudio? Encode(Pcm audio, AudioTarget target)
    {
        using var step = TaskTraces.Begin("media.encode");
        var started = Stopwatch.GetTimestamp();
        try
        {
            var file = AudioEncoder.Encode(audio, target, engines.SpoolFolder);
            MediaMetrics.Encoded(target.Format, Stopwatch.GetElapsedTime(started));
            return file;
        }
        catch (SpoolException)
        {
            return null;
        }
    }
}
