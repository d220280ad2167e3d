using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Platform.Engines;
using Platform.Media.Native;

namespace Platform.Media;

/// <summary>FLAC by libFLAC: lossless, 16-bit, mono, at the PCM's own rate.</summary>
internal static unsafe class FlacEncoder
{
    private const uint CompressionLevel = 5;
    private const int ChunkLength = 4096;

    public static void Encode(Pcm pcm, AudioTarget target, ByteSpool file)
    {
        var client = GCHandle.Alloc(file);
        try
        {
            // The encoder is disposed inside: deleting an unfinished one still calls back.
            Write(pcm, target, GCHandle.ToIntPtr(client));
        }
        finally
        {
            client.Free();
        }
    }

    private static void Write(Pcm pcm, AudioTarget target, nint client)
    {
        // The encoder reads it until it has finished.
        using var comment = target.IsMarked ? MakeComment() : null;
        using var encoder = FlacNative.New();
        if (encoder.IsInvalid)
        {
            throw new AudioEncodingException("libFLAC", "new", 0);
        }

        Check("set_channels", FlacNative.SetChannels(encoder, 1));
        Check("set_bits_per_sample", FlacNative.SetBitsPerSample(encoder, 16));
        Check("set_sample_rate", FlacNative.SetSampleRate(encoder, (uint)pcm.SampleRate));
        Check("set_compression_level", FlacNative.SetCompressionLevel(encoder, CompressionLevel));
        Check("set_total_samples_estimate", FlacNative.SetTotalSamples(encoder, (ulong)pcm.Samples.Length));
        if (comment is not null)
        {
            var block = comment.DangerousGetHandle();
            Check("set_metadata", FlacNative.SetMetadata(encoder, &block, 1));
        }

        var status = FlacNative.InitStream(encoder, &OnWrite, &OnSeek, &OnTell, 0, client);
        if (status != 0)
        {
            throw new AudioEncodingException("libFLAC", "init_stream", status);
        }

        var chunk = stackalloc int[ChunkLength];
        for (var rest = pcm.Samples.Span; !rest.IsEmpty;)
        {
            var count = Math.Min(rest.Length, ChunkLength);
            for (var i = 0; i < count; i++)
            {
                chunk[i] = rest[i];
            }

            Check("process_interleaved", FlacNative.Process(encoder, chunk, (uint)count));
            rest = rest[count..];
        }

        Check("finish", FlacNative.Finish(encoder));
    }

    private static FlacComment MakeComment()
    {
        var comment = FlacNative.NewMetadata(FlacNative.VorbisComment);
        if (comment.IsInvalid)
        {
            throw new AudioEncodingException("libFLAC", "metadata_object_new", 0);
        }

        foreach (var text in (string[])[$"{AudioMark.Name}={AudioMark.Value}", $"{AudioMark.CommentName}={AudioMark.Comment}"])
        {
            var bytes = System.Text.Encoding.ASCII.GetBytes(text);
            fixed (byte* start = bytes)
            {
                Check("append_comment", FlacNative.AppendComment(
                    comment, new FlacEntry { Length = (uint)bytes.Length, Text = start }, copy: 1));
            }
        }

        return comment;
    }

    private static void Check(string step, int result)
    {
        if (result == 0)
        {
            throw new AudioEncodingException("libFLAC", step, result);
        }
    }

    // An exception must not cross libFLAC's frames, so a stream that cannot grow is answered with libFLAC's fatal error (1).
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnWrite(nint encoder, byte* bytes, nuint length, uint samples, uint frame, nint client)
    {
        try
        {
            Stream(client).Write(new ReadOnlySpan<byte>(bytes, (int)length));
            return 0;
        }
        catch (Exception failure) when (failure is OutOfMemoryException or IOException)
        {
            return 1;
        }
    }

    // Seeking back lets libFLAC complete the header (frame sizes, MD5) when it finishes.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSeek(nint encoder, ulong offset, nint client)
    {
        Stream(client).Position = (long)offset;
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnTell(nint encoder, ulong* offset, nint client)
    {
        *offset = (ulong)Stream(client).Position;
        return 0;
    }

    private static ByteSpool Stream(nint client) => (ByteSpool)GCHandle.FromIntPtr(client).Target!;
}
