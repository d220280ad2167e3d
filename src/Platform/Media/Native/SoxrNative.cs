using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary><c>soxr_io_spec</c> of soxr.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SoxrIo
{
    public int Input;
    public int Output;
    public double Scale;
    public nint Reserved;
    public nuint Flags;
}

/// <summary><c>soxr_quality_spec</c> of soxr.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SoxrQuality
{
    public double Precision;
    public double PhaseResponse;
    public double PassbandEnd;
    public double StopbandBegin;
    public nint Reserved;
    public nuint Flags;
}

/// <summary><c>soxr_runtime_spec</c> of soxr.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SoxrRuntime
{
    public uint Log2MinDftSize;
    public uint Log2LargeDftSize;
    public uint CoefficientKilobytes;
    public uint Threads;
    public nint Reserved;
    public nuint Flags;
}

/// <summary>A <c>soxr_t</c>; one thread at a time.</summary>
internal sealed class SoxrHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        SoxrNative.Delete(handle);
        return true;
    }
}

/// <summary>The calls of libsoxr 0.1.x that <see cref="Resampler"/> needs.</summary>
internal static unsafe partial class SoxrNative
{
    public const int Int16 = 3;
    public const uint HighQuality = 4;

    /// <summary>libsoxr seeds its dither from the clock; without it the same input gives the same output.</summary>
    public const nuint NoDither = 8;

    static SoxrNative() => NativeLibraries.Register();

    [LibraryImport("soxr", EntryPoint = "soxr_quality_spec")]
    public static partial SoxrQuality QualitySpec(nuint recipe, nuint flags);

    [LibraryImport("soxr", EntryPoint = "soxr_runtime_spec")]
    public static partial SoxrRuntime RuntimeSpec(uint threads);

    /// <exception cref="AudioEncodingException">libsoxr refused.</exception>
    public static SoxrHandle OpenStream(int from, int to)
    {
        var io = new SoxrIo { Input = Int16, Output = Int16, Scale = 1, Flags = NoDither };
        var quality = QualitySpec(HighQuality, 0);
        var runtime = RuntimeSpec(1);
        nint error;
        var stream = Create(from, to, 1, &error, &io, &quality, &runtime);
        return error == 0 && !stream.IsInvalid ? stream : throw new AudioEncodingException("libsoxr", "soxr_create", error);
    }

    [LibraryImport("soxr", EntryPoint = "soxr_create")]
    public static partial SoxrHandle Create(
        double inputRate, double outputRate, uint channels, nint* error, SoxrIo* io, SoxrQuality* quality, SoxrRuntime* runtime);

    /// <summary>Without an input it gives what is left.</summary>
    [LibraryImport("soxr", EntryPoint = "soxr_process")]
    public static partial nint Process(
        SoxrHandle stream, short* input, nuint inputLength, nuint* inputDone, short* output, nuint outputLength, nuint* outputDone);

    [LibraryImport("soxr", EntryPoint = "soxr_delete")]
    public static partial void Delete(nint stream);

    [LibraryImport("soxr", EntryPoint = "soxr_oneshot")]
    public static partial nint OneShot(
        double inputRate, double outputRate, uint channels,
        short* input, nuint inputLength, nuint* inputDone,
        short* output, nuint outputLength, nuint* outputDone,
        SoxrIo* io, SoxrQuality* quality, SoxrRuntime* runtime);
}
