using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Platform.Engines;

/// <summary>This machine has no room for audio that is being made; no fault of the engine or the task.</summary>
internal sealed class SpoolException(string message, Exception inner) : IOException(message, inner);

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
        var samples = new MappedSamples(_file, checked((int)(_inFile / sizeof(short))));
        _file = null;
        return new Pcm(samples.Memory, rate) { Owner = samples };
    }

    public void Dispose() => _file?.Dispose();

    private void Flush()
    {
        var bytes = MemoryMarshal.AsBytes(_memory.WrittenSpan);
        try
        {
            _file ??= Open(folder);
            RandomAccess.Write(_file, bytes, _inFile);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SpoolException("The folder for temporary audio takes no more.", fault);
        }

        _inFile += bytes.Length;
        _memory.ResetWrittenCount();
    }

    private static SafeFileHandle Open(string folder)
    {
        var path = Path.Combine(folder, $"speech-{Guid.NewGuid():N}.pcm");
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);

        // Without a name it is gone with its last user, however that one ends.
        File.Delete(path);
        return file;
    }

    /// <summary>Samples of a file as memory.</summary>
    private sealed unsafe class MappedSamples : MemoryManager<short>
    {
        private readonly MemoryMappedFile _map;
        private readonly MemoryMappedViewAccessor _view;
        private readonly short* _samples;
        private readonly int _length;

        public MappedSamples(SafeFileHandle file, int length)
        {
            _length = length;
            _map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            _view = _map.CreateViewAccessor(0, (long)length * sizeof(short), MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            _samples = (short*)(start + _view.PointerOffset);
        }

        public override Span<short> GetSpan() => new(_samples, _length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(_samples + elementIndex);

        public override void Unpin()
        {
            // A mapping does not move.
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _view.SafeMemoryMappedViewHandle.ReleasePointer();
                _view.Dispose();
                _map.Dispose();
            }
        }
    }
}
