using System.Buffers;

namespace Platform.Delivery;

/// <summary>Puts a reply together: JSON is written into it as into any buffer, and audio is noted where it belongs.</summary>
internal sealed class ReplyWriter(int capacity) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _bytes = new(capacity);
    private List<(int At, UnreadAudio Audio)>? _audio;

    public void Advance(int count) => _bytes.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => _bytes.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => _bytes.GetSpan(sizeHint);

    /// <summary>Adds pieces as they are. A JSON writer over this must be flushed first.</summary>
    public void Add(IEnumerable<ReplyPiece> pieces)
    {
        foreach (var piece in pieces)
        {
            if (piece.Audio is { } audio)
            {
                (_audio ??= []).Add((_bytes.WrittenCount, audio));
            }
            else
            {
                _bytes.Write(piece.Bytes.Span);
            }
        }
    }

    public void Add(ReplyText text)
    {
        _bytes.Write(text.Start.Span);
        Add(text.Rest);
    }

    public ReplyText ToText()
    {
        var all = _bytes.WrittenMemory;
        if (_audio is null)
        {
            return all;
        }

        var pieces = new List<ReplyPiece>((_audio.Count * 2) + 1);
        var done = 0;
        foreach (var (at, audio) in _audio)
        {
            pieces.Add(new ReplyPiece(all[done..at]));
            pieces.Add(new ReplyPiece(default, audio));
            done = at;
        }

        pieces.Add(new ReplyPiece(all[done..]));
        return new ReplyText(pieces);
    }
}
