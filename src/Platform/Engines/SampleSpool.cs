using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Platform.Media;

namespace Platform.Engines;

/// <summary>
/// Takes samples as they come. What goes beyond a share in memory lies in a temporary file that has no name any more and is read back as if it
/// were memory, so that an hour of audio costs the process as much as a minute.
/// </summary>
/// <param name="folder">For the temporary file; on a disk, or nothing is gained.</param>
internal sealed class SampleSpool(string folder) : IDisposable
{
    /// <summary>Samples: 44 s at 24 kHz, which is more than most results have.</summary>
    public const int InMemory = 1 << 20;

    private readonly ArrayBufferWriter<short> _memory = new(1 << 15);
    private SafeFileHandle? _file;
    private long _inFile;

    /// <summary>Samples so far.</summary>
    public long Length => (_inFile / sizeof(short)) + _memory.WrittenCount;

    /// <exception cref="SpoolException">The temporary file takes nothing.</exception>
    public void Append(ReadOnlySpan<short> samples)
    {
        while (!samples.IsEmpty)
        {
            var count = Math.Min(samples.Length, InMemory - _memory.WrittenCount);
            _memory.Write(samples[..count]);
            samples = samples[count..];
            if (_memory.WrittenCount == InMemory)
            {
                Flush();
            }
        }
    }

    /// <summary>All of it. Ends the spool; the audio owns the file from here on.</summary>
    /// <exception cref="SpoolException">The temporary file takes nothing.</exception>
    public Pcm ToPcm(int rate)
    {
        if (_file is null)
        {
            return new Pcm(_memory.WrittenMemory, rate);
        }

        Flush();
        var samples = new MappedFile<short>(_file, checked((int)(_inFile / sizeof(short))));
        _file = null;
        return new Pcm(samples.Memory, rate) { Owner = samples };
    }

    public void Dispose() => _file?.Dispose();

    private void Flush()
    {
        var bytes = MemoryMarshal.AsBytes(_memory.WrittenSpan);
        _file ??= SpoolFile.Open(folder);
        SpoolFile.Write(_file, bytes, _inFile);
        _inFile += bytes.Length;
        _memory.ResetWrittenCount();
    }
}
