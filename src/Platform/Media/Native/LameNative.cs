using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary>A <c>lame_t</c>; one thread at a time.</summary>
internal sealed class LameHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => LameNative.Close(handle) == 0;
}

/// <summary>The calls of libmp3lame 3.100 that <see cref="Mp3Encoder"/> needs. Negative results are errors.</summary>
internal static unsafe partial class LameNative
{
    public const int JointStereo = 1;
    public const int Mono = 3;

    static LameNative() => NativeLibraries.Register();

    [LibraryImport("lame", EntryPoint = "lame_init")]
    public static partial LameHandle Init();

    [LibraryImport("lame", EntryPoint = "lame_close")]
    public static partial int Close(nint lame);

    [LibraryImport("lame", EntryPoint = "lame_set_in_samplerate")]
    public static partial int SetInputRate(LameHandle lame, int rate);

    [LibraryImport("lame", EntryPoint = "lame_set_out_samplerate")]
    public static partial int SetOutputRate(LameHandle lame, int rate);

    [LibraryImport("lame", EntryPoint = "lame_set_num_channels")]
    public static partial int SetChannels(LameHandle lame, int channels);

    [LibraryImport("lame", EntryPoint = "lame_set_mode")]
    public static partial int SetMode(LameHandle lame, int mode);

    [LibraryImport("lame", EntryPoint = "lame_set_brate")]
    public static partial int SetBitrate(LameHandle lame, int kbps);

    [LibraryImport("lame", EntryPoint = "lame_set_VBR")]
    public static partial int SetVbr(LameHandle lame, int mode);

    [LibraryImport("lame", EntryPoint = "lame_set_quality")]
    public static partial int SetQuality(LameHandle lame, int quality);

    [LibraryImport("lame", EntryPoint = "lame_set_bWriteVbrTag")]
    public static partial int SetWriteInfoTag(LameHandle lame, int on);

    [LibraryImport("lame", EntryPoint = "lame_init_params")]
    public static partial int InitParams(LameHandle lame);

    [LibraryImport("lame", EntryPoint = "lame_encode_buffer")]
    public static partial int EncodeBuffer(LameHandle lame, short* left, short* right, int samples, byte* output, int size);

    [LibraryImport("lame", EntryPoint = "lame_encode_flush")]
    public static partial int Flush(LameHandle lame, byte* output, int size);

    [LibraryImport("lame", EntryPoint = "lame_get_lametag_frame")]
    public static partial nuint InfoTagFrame(LameHandle lame, byte* output, nuint size);
}
