using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary><c>SF_INFO</c> of sndfile.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SndfileFacts
{
    public long Frames;
    public int SampleRate;
    public int Channels;
    public int Format;
    public int Sections;
    public int Seekable;
}

/// <summary><c>SF_VIRTUAL_IO</c> of sndfile.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SndfileReader
{
    public delegate* unmanaged[Cdecl]<MemoryFile*, long> Length;
    public delegate* unmanaged[Cdecl]<long, int, MemoryFile*, long> Seek;
    public delegate* unmanaged[Cdecl]<byte*, long, MemoryFile*, long> Read;
    public delegate* unmanaged[Cdecl]<byte*, long, MemoryFile*, long> Write;
    public delegate* unmanaged[Cdecl]<MemoryFile*, long> Tell;
}

/// <summary>Pinned bytes as a file. The callbacks trust nothing that the library asks for.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MemoryFile
{
    public byte* Bytes;
    public long Length;
    public long Position;

    public static SndfileReader Reader => new() { Length = &OnLength, Seek = &OnSeek, Read = &OnRead, Write = &OnWrite, Tell = &OnTell };

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long OnLength(MemoryFile* file) => file->Length;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long OnSeek(long offset, int whence, MemoryFile* file)
    {
        var start = whence switch { 0 => 0, 1 => file->Position, _ => file->Length };
        file->Position = Math.Clamp(unchecked(start + offset), 0, file->Length);
        return file->Position;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long OnRead(byte* target, long count, MemoryFile* file)
    {
        var given = Math.Clamp(count, 0, file->Length - file->Position);
        Buffer.MemoryCopy(file->Bytes + file->Position, target, given, given);
        file->Position += given;
        return given;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long OnWrite(byte* source, long count, MemoryFile* file) => 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long OnTell(MemoryFile* file) => file->Position;
}

/// <summary>A <c>SNDFILE</c>; one thread at a time.</summary>
internal sealed class SndfileHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => SndfileNative.Close(handle) == 0;
}

/// <summary>The calls of libsndfile 1.0.29 to 1.2 that <see cref="SndfileFile"/> needs; the first of them reads Opus.</summary>
internal static unsafe partial class SndfileNative
{
    public const int ReadMode = 0x10;
    public const int ContainerMask = 0x0FFF0000;
    public const int CodecMask = 0xFFFF;

    static SndfileNative() => NativeLibraries.Register();

    [LibraryImport("sndfile", EntryPoint = "sf_open_virtual")]
    public static partial SndfileHandle Open(SndfileReader* reader, int mode, SndfileFacts* facts, MemoryFile* file);

    [LibraryImport("sndfile", EntryPoint = "sf_readf_float")]
    public static partial long ReadFrames(SndfileHandle file, float* target, long frames);

    [LibraryImport("sndfile", EntryPoint = "sf_error")]
    public static partial int Error(SndfileHandle file);

    [LibraryImport("sndfile", EntryPoint = "sf_close")]
    public static partial int Close(nint file);
}
