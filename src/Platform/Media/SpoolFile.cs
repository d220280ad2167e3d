using System.Buffers;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Platform.Media;

/// <summary>This machine has no room for audio that is being made; no fault of the engine or the task.</summary>
internal sealed class SpoolException(string message, Exception inner) : IOException(message, inner);

/// <summary>A temporary file that has no name any more: it is gone with its last user, however that one ends.</summary>
internal static class SpoolFile
{
    /// <exception cref="SpoolException">The folder takes no file.</exception>
    public static SafeFileHandle Open(string folder)
    {
        var path = Path.Combine(folder, $"speech-{Guid.NewGuid():N}.tmp");
        try
        {
            var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            File.Delete(path);
            return file;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SpoolException("The folder for temporary audio takes no file.", fault);
        }
    }

    /// <exception cref="SpoolException">The disk takes no more.</exception>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(file, bytes, offset);
        }
        catch (IOException fault)
        {
            throw new SpoolException("The disk for temporary audio takes no more.", fault);
        }
    }
}

/// <summary>What a file holds, as if it were memory. Owns the file.</summary>
internal sealed unsafe class MappedFile<T> : MemoryManager<T>
    where T : unmanaged
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly T* _items;
    private readonly int _length;

    /// <param name="length">Items, not bytes; at least one.</param>
    public MappedFile(SafeFileHandle file, int length)
    {
        _length = length;
        _map = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _map.CreateViewAccessor(0, (long)length * sizeof(T), MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _items = (T*)(start + _view.PointerOffset);
    }

    public override Span<T> GetSpan() => new(_items, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_items + elementIndex);

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
