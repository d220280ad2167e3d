using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary>A <c>FLAC__StreamEncoder</c>; one thread at a time.</summary>
internal sealed class FlacHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        FlacNative.Delete(handle);
        return true;
    }
}

/// <summary>A <c>FLAC__StreamMetadata</c> that holds comments.</summary>
internal sealed class FlacComment() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        FlacNative.DeleteMetadata(handle);
        return true;
    }
}

/// <summary><c>FLAC__StreamMetadata_VorbisComment_Entry</c>: one comment, without a zero at its end.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FlacEntry
{
    public uint Length;
    public byte* Text;
}

/// <summary>The calls of libFLAC 1.3 to 1.5 that <see cref="FlacEncoder"/> needs. The setters and steps return 0 on failure.</summary>
internal static unsafe partial class FlacNative
{
    static FlacNative() => NativeLibraries.Register();

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_new")]
    public static partial FlacHandle New();

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_delete")]
    public static partial void Delete(nint encoder);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_set_channels")]
    public static partial int SetChannels(FlacHandle encoder, uint channels);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_set_bits_per_sample")]
    public static partial int SetBitsPerSample(FlacHandle encoder, uint bits);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_set_sample_rate")]
    public static partial int SetSampleRate(FlacHandle encoder, uint rate);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_set_compression_level")]
    public static partial int SetCompressionLevel(FlacHandle encoder, uint level);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_set_total_samples_estimate")]
    public static partial int SetTotalSamples(FlacHandle encoder, ulong samples);

    /// <summary><c>FLAC__METADATA_TYPE_VORBIS_COMMENT</c>.</summary>
    public const int VorbisComment = 4;

    [LibraryImport("flac", EntryPoint = "FLAC__metadata_object_new")]
    public static partial FlacComment NewMetadata(int type);

    [LibraryImport("flac", EntryPoint = "FLAC__metadata_object_delete")]
    public static partial void DeleteMetadata(nint metadata);

    [LibraryImport("flac", EntryPoint = "FLAC__metadata_object_vorbiscomment_append_comment")]
    public static partial int AppendComment(FlacComment metadata, FlacEntry entry, int copy);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_set_metadata")]
    public static partial int SetMetadata(FlacHandle encoder, nint* blocks, uint count);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_init_stream")]
    public static partial int InitStream(
        FlacHandle encoder,
        delegate* unmanaged[Cdecl]<nint, byte*, nuint, uint, uint, nint, int> write,
        delegate* unmanaged[Cdecl]<nint, ulong, nint, int> seek,
        delegate* unmanaged[Cdecl]<nint, ulong*, nint, int> tell,
        nint metadata,
        nint client);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_process_interleaved")]
    public static partial int Process(FlacHandle encoder, int* samples, uint count);

    [LibraryImport("flac", EntryPoint = "FLAC__stream_encoder_finish")]
    public static partial int Finish(FlacHandle encoder);
}
