using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary>A <c>mpg123_handle</c>; one thread at a time.</summary>
internal sealed class MpegHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        MpegNative.Delete(handle);
        return true;
    }
}

/// <summary>The calls of libmpg123 1.2x to 1.3x that <see cref="MpegFile"/> needs.</summary>
internal static unsafe partial class MpegNative
{
    public const int Ok = 0;
    public const int NewFormat = -11;

    /// <summary>The parameter that adds flags.</summary>
    public const int AddFlags = 2;

    /// <summary>Quiet: by default it tells standard error about every broken frame, which a customer could make millions of.</summary>
    public const int Quiet = 0x20;

    /// <summary>Leaves out what the encoder's tag says it padded.</summary>
    public const int Gapless = 0x40;

    public const int ForceFloat = 0x400;

    /// <summary>Stops where a stream goes on with another rate or channel count.</summary>
    public const int NoFrankenstein = 0x1000000;

    static MpegNative() => NativeLibraries.Register();

    /// <summary>Needed before 1.27, harmless since.</summary>
    [LibraryImport("mpg123", EntryPoint = "mpg123_init")]
    public static partial int Init();

    [LibraryImport("mpg123", EntryPoint = "mpg123_new")]
    public static partial MpegHandle New(byte* decoder, int* error);

    [LibraryImport("mpg123", EntryPoint = "mpg123_delete")]
    public static partial void Delete(nint handle);

    [LibraryImport("mpg123", EntryPoint = "mpg123_param")]
    public static partial int Set(MpegHandle handle, int parameter, CLong value, double fraction);

    [LibraryImport("mpg123", EntryPoint = "mpg123_open_feed")]
    public static partial int OpenFeed(MpegHandle handle);

    [LibraryImport("mpg123", EntryPoint = "mpg123_decode")]
    public static partial int Decode(MpegHandle handle, byte* input, nuint inputLength, byte* output, nuint outputLength, nuint* done);

    [LibraryImport("mpg123", EntryPoint = "mpg123_getformat")]
    public static partial int GetFormat(MpegHandle handle, CLong* rate, int* channels, int* encoding);

    /// <summary>Fills a <c>mpg123_frameinfo</c>, of which the second number is the layer.</summary>
    [LibraryImport("mpg123", EntryPoint = "mpg123_info")]
    public static partial int GetFrame(MpegHandle handle, int* frame);
}
