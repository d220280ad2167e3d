using System.Buffers;
using System.IO.Pipelines;

namespace Platform.Api;

/// <summary>How far a body was read.</summary>
internal enum BodyState
{
    /// <summary>To its end.</summary>
    Whole,

    /// <summary>As far as was asked; it goes on.</summary>
    GoesOn,

    /// <summary>It is longer than its limit.</summary>
    TooLarge,

    /// <summary>There is no room for the rest of it at the moment.</summary>
    NoRoom,

    /// <summary>It does not come as the protocol says, or its sender has gone.</summary>
    Broken,
}

/// <summary>Reads a body within its limit, which holds while reading: what is over it is never taken in.</summary>
internal sealed class RequestBody(HttpRequest request, int limit)
{
    private const int FirstBuffer = 4096;

    // As long as a frame of a socket may take. The server's own bound is on the pace, and 16 MiB at that pace come for most of a day.
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(300);

    private byte[] _bytes = [];
    private int _length;
    private ITimer? _deadline;

    /// <summary>How long one reading may take; after that the body is broken.</summary>
    public TimeSpan Patience { get; init; } = UsualPatience;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What was read so far. Later reads leave it as it is.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>The whole body, or null when it is longer than the limit. For bodies so small that they need no room.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, int limit)
    {
        var body = new RequestBody(request, limit);
        return await body.ReadAsync(limit, room: null) == BodyState.Whole ? body.Bytes : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Reads on to the end, or until <paramref name="most"/> bytes are here.</summary>
    /// <param name="room">Where its bytes count; null where <paramref name="most"/> is so small that they need not.</param>
    public async Task<BodyState> ReadAsync(int most, RoomLease? room)
    {
        if (request.ContentLength > limit)
        {
            return BodyState.TooLarge;
        }

        try
        {
            return await ReadOnAsync(most, room);
        }
        catch (IOException fault) when (fault is not BadHttpRequestException)
        {
            // The server answers what it finds wrong by itself, but for chunks whose length is beyond any number.
            return BodyState.Broken;
        }
        finally
        {
            _deadline?.Dispose();
            _deadline = null;
        }
    }

    private async Task<BodyState> ReadOnAsync(int most, RoomLease? room)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var reading = reader.ReadAsync(request.HttpContext.RequestAborted);
            if (!reading.IsCompleted)
            {
                _deadline ??= Time.CreateTimer(static pipe => ((PipeReader)pipe!).CancelPendingRead(), reader, Patience, Timeout.InfiniteTimeSpan);
            }

            var read = await reading;
            var part = read.Buffer;
            if (read.IsCanceled)
            {
                reader.AdvanceTo(part.End);
                return BodyState.Broken;
            }

            var fits = (int)Math.Min(part.Length, most - _length);
            var goesOn = fits < part.Length;
            if ((goesOn && most == limit) || !TryGrow(_length + fits, most, room))
            {
                // Given back, else the server cannot take the reader over to end the request in good order.
                reader.AdvanceTo(part.End);
                return goesOn && most == limit ? BodyState.TooLarge : BodyState.NoRoom;
            }

            part.Slice(0, fits).CopyTo(_bytes.AsSpan(_length));
            _length += fits;
            reader.AdvanceTo(part.GetPosition(fits));
            if (goesOn)
            {
                return BodyState.GoesOn;
            }

            if (read.IsCompleted)
            {
                return BodyState.Whole;
            }
        }
    }

    private bool TryGrow(int needed, int most, RoomLease? room)
    {
        if (needed <= _bytes.Length)
        {
            return true;
        }

        // The room doubles as bytes come. A small stated length is believed at once; a large one would take room that may not be used for minutes.
        var doubled = Math.Max(FirstBuffer, Math.Max(needed, 2L * _bytes.Length));
        var wanted = request.ContentLength switch
        {
            null => doubled,
            <= IncomingRoom.Free and var stated => stated,
            var stated => Math.Min(stated.Value, Math.Max(IncomingRoom.Free, doubled)),
        };
        var size = (int)Math.Min(most, wanted);
        if (room is not null && !room.TryReach(size))
        {
            return false;
        }

        var larger = GC.AllocateUninitializedArray<byte>(Math.Max(size, needed));
        _bytes.AsSpan(0, _length).CopyTo(larger);
        _bytes = larger;
        return true;
    }
}
