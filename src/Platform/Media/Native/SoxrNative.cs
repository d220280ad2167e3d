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

    [LibraryImport("soxr", EntryPoint = "soxr_oneshot")]
    public static partial nint OneShot(
        double inputRate, double outputRate, uint channels,
        short* input, nuint inputLength, nuint* inputDone,
        short* output, nuint outputLength, nuint* outputDone,
        SoxrIo* io, SoxrQuality* quality, SoxrRuntime* runtime);
}
