using Platform.Engines;
using Platform.Media.Native;

namespace Platform.Media;

/// <summary>
/// Ogg Vorbis by libvorbisenc, bitrate-managed with minimum = nominal = maximum: the nominal rate alone is a quality
/// setting and misses low rates by half.
/// </summary>
internal static unsafe class OggEncoder
{
    private const int ChunkLength = 4096;

    public static void Encode(Pcm pcm, AudioTarget target, ByteSpool file)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Channels is 1 or 2, true, nameof(target));
        using var vorbis = new VorbisHandle();
        var bits = (nint)target.BitrateKbps * 1000;
        Check("vorbis_encode_init", VorbisNative.EncodeInit(vorbis.Info, target.Channels, target.SampleRate, bits, bits, bits));
        Check("vorbis_analysis_init", VorbisNative.AnalysisInit(vorbis.Dsp, vorbis.Info));
        Check("vorbis_block_init", VorbisNative.BlockInit(vorbis.Dsp, vorbis.Block));
        if (target.IsMarked)
        {
            VorbisNative.CommentAddTag(vorbis.Comment, AudioMark.Name, AudioMark.Value);
            VorbisNative.CommentAddTag(vorbis.Comment, AudioMark.CommentName, AudioMark.Comment);
        }

        // A serial number tells the streams of one physical file apart; there is one, and a fixed number keeps the bytes reproducible.
        vorbis.OpenStream(serial: 1);

        WriteHeaders(vorbis, file);
        PcmBlocks.ForEach(pcm, target.SampleRate, samples =>
        {
            for (var rest = samples; !rest.IsEmpty;)
            {
                var count = Math.Min(rest.Length, ChunkLength);
                Feed(vorbis, rest[..count], target.Channels);
                Drain(vorbis, file);
                rest = rest[count..];
            }
        });

        Check("vorbis_analysis_wrote", VorbisNative.AnalysisWrote(vorbis.Dsp, 0));
        Drain(vorbis, file);
    }

    private static void WriteHeaders(VorbisHandle vorbis, ByteSpool file)
    {
        Check("vorbis_analysis_headerout",
            VorbisNative.HeaderOut(vorbis.Dsp, vorbis.Comment, vorbis.Packet(0), vorbis.Packet(1), vorbis.Packet(2)));
        for (var header = 0; header < 3; header++)
        {
            Check("ogg_stream_packetin", VorbisNative.PacketIn(vorbis.Stream, vorbis.Packet(header)));
        }

        // The audio must begin on a page of its own (Vorbis I specification, A.2).
        OggPage page;
        while (VorbisNative.FlushPage(vorbis.Stream, &page) != 0)
        {
            Write(file, page);
        }
    }

    private static void Feed(VorbisHandle vorbis, ReadOnlySpan<short> samples, int channels)
    {
        var buffer = VorbisNative.AnalysisBuffer(vorbis.Dsp, samples.Length);
        for (var channel = 0; channel < channels; channel++)
        {
            var target = buffer[channel];
            for (var i = 0; i < samples.Length; i++)
            {
                target[i] = samples[i] / 32768f;
            }
        }

        Check("vorbis_analysis_wrote", VorbisNative.AnalysisWrote(vorbis.Dsp, samples.Length));
    }

    private static void Drain(VorbisHandle vorbis, ByteSpool file)
    {
        OggPage page;
        while (Check("vorbis_analysis_blockout", VorbisNative.BlockOut(vorbis.Dsp, vorbis.Block)) == 1)
        {
            Check("vorbis_analysis", VorbisNative.Analysis(vorbis.Block, 0));
            Check("vorbis_bitrate_addblock", VorbisNative.BitrateAddBlock(vorbis.Block));
            while (Check("vorbis_bitrate_flushpacket", VorbisNative.BitrateFlushPacket(vorbis.Dsp, vorbis.Packet(0))) == 1)
            {
                Check("ogg_stream_packetin", VorbisNative.PacketIn(vorbis.Stream, vorbis.Packet(0)));
                while (VorbisNative.PageOut(vorbis.Stream, &page) != 0)
                {
                    Write(file, page);
                }
            }
        }
    }

    private static void Write(ByteSpool file, OggPage page)
    {
        file.Write(new ReadOnlySpan<byte>(page.Header, (int)page.HeaderLength));
        file.Write(new ReadOnlySpan<byte>(page.Body, (int)page.BodyLength));
    }

    private static int Check(string step, int result) =>
        result < 0 ? throw new AudioEncodingException("libvorbis", step, result) : result;
}
