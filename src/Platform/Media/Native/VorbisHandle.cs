using System.Runtime.InteropServices;

namespace Platform.Media.Native;

/// <summary>
/// All structures of one Vorbis encoding in one zeroed allocation, released together in libvorbis's order however far
/// the setup came. One thread at a time.
/// </summary>
/// <remarks>
/// The structures are opaque here and given 1 KiB each: the largest, <c>ogg_stream_state</c>, has 408 bytes, and their
/// size is part of the libraries' ABI.
/// </remarks>
internal sealed unsafe class VorbisHandle : SafeHandle
{
    private const int Room = 1024;

    private bool hasStream;

    public VorbisHandle()
        : base(0, ownsHandle: true)
    {
        SetHandle((nint)NativeMemory.AllocZeroed(8, Room));
        VorbisNative.InfoInit(Info);
        VorbisNative.CommentInit(Comment);
    }

    public override bool IsInvalid => handle == 0;

    public nint Info => handle;

    public nint Comment => handle + Room;

    public nint Dsp => handle + (2 * Room);

    public nint Block => handle + (3 * Room);

    public nint Stream => handle + (4 * Room);

    /// <summary>Room for one <c>ogg_packet</c>; there are three, as the headers come out together.</summary>
    public nint Packet(int index) => handle + ((5 + index) * Room);

    public void OpenStream(int serial)
    {
        if (VorbisNative.StreamInit(Stream, serial) != 0)
        {
            throw new AudioEncodingException("libogg", "ogg_stream_init", -1);
        }

        hasStream = true;
    }

    protected override bool ReleaseHandle()
    {
        // Each clear is harmless on zeroed memory, but for the stream's: that one is asked for only once it is open.
        if (hasStream)
        {
            _ = VorbisNative.StreamClear(Stream);
        }

        _ = VorbisNative.BlockClear(Block);
        VorbisNative.DspClear(Dsp);
        VorbisNative.CommentClear(Comment);
        VorbisNative.InfoClear(Info);
        NativeMemory.Free((void*)handle);
        return true;
    }
}
