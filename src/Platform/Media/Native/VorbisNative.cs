using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary><c>ogg_page</c> of ogg.h: two parts inside the stream's own memory, good until the next call on it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OggPage
{
    public byte* Header;
    public nint HeaderLength;
    public byte* Body;
    public nint BodyLength;
}

/// <summary>The calls of libogg, libvorbis and libvorbisenc that <see cref="OggEncoder"/> needs. <c>nint</c> is C's <c>long</c>.</summary>
internal static unsafe partial class VorbisNative
{
    static VorbisNative() => NativeLibraries.Register();

    [LibraryImport("vorbis", EntryPoint = "vorbis_info_init")]
    public static partial void InfoInit(nint info);

    [LibraryImport("vorbis", EntryPoint = "vorbis_info_clear")]
    public static partial void InfoClear(nint info);

    [LibraryImport("vorbis", EntryPoint = "vorbis_comment_init")]
    public static partial void CommentInit(nint comment);

    [LibraryImport("vorbis", EntryPoint = "vorbis_comment_clear")]
    public static partial void CommentClear(nint comment);

    /// <summary>Copies both texts, which are ASCII.</summary>
    [LibraryImport("vorbis", EntryPoint = "vorbis_comment_add_tag", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void CommentAddTag(nint comment, string tag, string contents);

    [LibraryImport("vorbisenc", EntryPoint = "vorbis_encode_init")]
    public static partial int EncodeInit(nint info, nint channels, nint rate, nint max, nint nominal, nint min);

    [LibraryImport("vorbis", EntryPoint = "vorbis_analysis_init")]
    public static partial int AnalysisInit(nint dsp, nint info);

    [LibraryImport("vorbis", EntryPoint = "vorbis_analysis_headerout")]
    public static partial int HeaderOut(nint dsp, nint comment, nint identification, nint comments, nint codebooks);

    [LibraryImport("vorbis", EntryPoint = "vorbis_analysis_buffer")]
    public static partial float** AnalysisBuffer(nint dsp, int samples);

    [LibraryImport("vorbis", EntryPoint = "vorbis_analysis_wrote")]
    public static partial int AnalysisWrote(nint dsp, int samples);

    [LibraryImport("vorbis", EntryPoint = "vorbis_analysis_blockout")]
    public static partial int BlockOut(nint dsp, nint block);

    [LibraryImport("vorbis", EntryPoint = "vorbis_analysis")]
    public static partial int Analysis(nint block, nint packet);

    [LibraryImport("vorbis", EntryPoint = "vorbis_bitrate_addblock")]
    public static partial int BitrateAddBlock(nint block);

    [LibraryImport("vorbis", EntryPoint = "vorbis_bitrate_flushpacket")]
    public static partial int BitrateFlushPacket(nint dsp, nint packet);

    [LibraryImport("vorbis", EntryPoint = "vorbis_block_init")]
    public static partial int BlockInit(nint dsp, nint block);

    [LibraryImport("vorbis", EntryPoint = "vorbis_block_clear")]
    public static partial int BlockClear(nint block);

    [LibraryImport("vorbis", EntryPoint = "vorbis_dsp_clear")]
    public static partial void DspClear(nint dsp);

    [LibraryImport("ogg", EntryPoint = "ogg_stream_init")]
    public static partial int StreamInit(nint stream, int serial);

    [LibraryImport("ogg", EntryPoint = "ogg_stream_clear")]
    public static partial int StreamClear(nint stream);

    [LibraryImport("ogg", EntryPoint = "ogg_stream_packetin")]
    public static partial int PacketIn(nint stream, nint packet);

    [LibraryImport("ogg", EntryPoint = "ogg_stream_pageout")]
    public static partial int PageOut(nint stream, OggPage* page);

    [LibraryImport("ogg", EntryPoint = "ogg_stream_flush")]
    public static partial int FlushPage(nint stream, OggPage* page);
}
