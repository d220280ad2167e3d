using System.Buffers;
using Platform.Engines;
using Platform.Media.Native;

namespace Platform.Media;

/// <summary>MP3 at a constant bitrate by libmp3lame.</summary>
internal static unsafe class Mp3Encoder
{
    /// <summary>
    /// LAME's 0 (best) to 9 (fastest). 7 leaves out the noise shaping loop, which takes as long again on mono and is
    /// hardly heard in speech.
    /// </summary>
    private const int Quality = 7;

    /// <summary>The slack that lame.h asks for on top of 1.25 bytes a sample.</summary>
    private const int FlushRoom = 7200;

    public static void Encode(Pcm pcm, AudioTarget target, ByteSpool file)
    {
        var kbps = Mp3Bitrates.Nearest(target.SampleRate, target.BitrateKbps);
        using var lame = Open(target.SampleRate, target.Channels, kbps);
        if (target.IsMarked)
        {
            file.Write(AudioMark.Id3);
        }

        var start = file.Position;

        // At the highest rates a frame that was held back is longer than 1.25 bytes for each of its samples.
        var block = ArrayPool<byte>.Shared.Rent((2 * PcmBlocks.Length) + FlushRoom);
        try
        {
            PcmBlocks.ForEach(pcm, target.SampleRate, samples => Write(lame, samples, block, file));
            fixed (byte* output = block)
            {
                file.Write(block.AsSpan(0, Check("lame_encode_flush", LameNative.Flush(lame, output, block.Length))));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        WriteInfoTag(lame, file, start);
    }

    private static void Write(LameHandle lame, ReadOnlySpan<short> samples, byte[] block, ByteSpool file)
    {
        fixed (byte* output = block)
        fixed (short* source = samples)
        {
            // The voice is mono: both channels read it, and joint stereo spends nothing on the difference.
            var length = Check("lame_encode_buffer", LameNative.EncodeBuffer(lame, source, source, samples.Length, output, block.Length));
            file.Write(block.AsSpan(0, length));
        }
    }

    private static LameHandle Open(int rate, int channels, int kbps)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(channels == 1 || channels == 2, true, nameof(channels));
        var lame = LameNative.Init();
        try
        {
            if (lame.IsInvalid)
            {
                throw new AudioEncodingException("libmp3lame", "lame_init", 0);
            }

            Check("lame_set_in_samplerate", LameNative.SetInputRate(lame, rate));
            Check("lame_set_out_samplerate", LameNative.SetOutputRate(lame, rate));
            Check("lame_set_num_channels", LameNative.SetChannels(lame, channels));
            Check("lame_set_mode", LameNative.SetMode(lame, channels == 1 ? LameNative.Mono : LameNative.JointStereo));
            Check("lame_set_VBR", LameNative.SetVbr(lame, 0));
            Check("lame_set_brate", LameNative.SetBitrate(lame, kbps));
            Check("lame_set_quality", LameNative.SetQuality(lame, Quality));
            Check("lame_set_bWriteVbrTag", LameNative.SetWriteInfoTag(lame, 1));
            Check("lame_init_params", LameNative.InitParams(lame));
            return lame;
        }
        catch
        {
            lame.Dispose();
            throw;
        }
    }

    /// <summary>
    /// LAME leaves the first frame empty and fills it with the frame count, delay and padding at the end. At the lowest
    /// rates a frame is too small to hold them; LAME writes none then, and the constant rate gives the duration.
    /// </summary>
    private static void WriteInfoTag(LameHandle lame, ByteSpool file, long start)
    {
        var frame = stackalloc byte[2880];
        var size = LameNative.InfoTagFrame(lame, frame, 2880);
        if (size is > 0 and <= 2880 && (int)size <= file.Length - start)
        {
            file.Position = start;
            file.Write(new ReadOnlySpan<byte>(frame, (int)size));
        }
    }

    private static int Check(string step, int result) =>
        result < 0 ? throw new AudioEncodingException("libmp3lame", step, result) : result;
}
