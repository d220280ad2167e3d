using System.Runtime.InteropServices;
using Platform.Media.Native;

namespace Platform.Media;

/// <summary>MP3 by libmpg123.</summary>
internal static unsafe class MpegFile
{
    private const int Layer3 = 3;
    private const int FloatsAtOnce = 8192;

    /// <summary>Null where it is no MP3 or breaks off in an error.</summary>
    public static MonoSamples? Read(ReadOnlyMemory<byte> file, TimeSpan longest)
    {
        const int Flags = MpegNative.Quiet | MpegNative.Gapless | MpegNative.ForceFloat | MpegNative.NoFrankenstein;
        if (MpegNative.Init() != MpegNative.Ok)
        {
            return null;
        }

        using var mpeg = MpegNative.New(null, null);
        if (mpeg.IsInvalid
            || MpegNative.Set(mpeg, MpegNative.AddFlags, new CLong(Flags), 0) != MpegNative.Ok
            || MpegNative.OpenFeed(mpeg) != MpegNative.Ok)
        {
            return null;
        }

        using var pinned = file.Pin();

        // The first answer to the whole file is its format; the frames are then asked for piece by piece.
        nuint done;
        var status = MpegNative.Decode(mpeg, (byte*)pinned.Pointer, (nuint)file.Length, null, 0, &done);
        if (status != MpegNative.NewFormat || Describe(mpeg, longest) is not { } mono)
        {
            return null;
        }

        if (mono.IsUsable)
        {
            ReadFrames(mpeg, mono);
        }

        return mono;
    }

    // A status other than Ok is the end of what was given, whole or broken; how much there is decides, not why it ended.
    private static void ReadFrames(MpegHandle mpeg, MonoSamples mono)
    {
        var frames = stackalloc float[FloatsAtOnce];
        var status = MpegNative.Ok;
        while (status == MpegNative.Ok && !mono.IsFull)
        {
            nuint done;
            status = MpegNative.Decode(mpeg, null, 0, (byte*)frames, FloatsAtOnce * sizeof(float), &done);
            mono.Add(new ReadOnlySpan<float>(frames, (int)done / sizeof(float)));
        }
    }

    private static MonoSamples? Describe(MpegHandle mpeg, TimeSpan longest)
    {
        CLong rate;
        int channels, encoding;
        var frame = stackalloc int[32];
        return MpegNative.GetFormat(mpeg, &rate, &channels, &encoding) == MpegNative.Ok
            && MpegNative.GetFrame(mpeg, frame) == MpegNative.Ok
            && frame[1] == Layer3
            ? new MonoSamples(AudioFormat.Mp3, (int)rate.Value, channels, longest)
            : null;
    }
}
