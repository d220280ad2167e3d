using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;

namespace Platform.Tests.Engines.OpenAiSpeech;

/// <summary>Files and streams that a speech server may answer with, most of them wrong in one way.</summary>
internal static class SpeechAnswers
{
    /// <summary>A tone as a WAVE file of any kind.</summary>
    public static byte[] Wave(double seconds, int rate = 24_000, int channels = 1, int bits = 16)
    {
        var frames = (int)(seconds * rate);
        var file = Header(rate, channels, bits, (uint)(frames * channels * bits / 8));
        var at = file.Length;
        Array.Resize(ref file, at + (frames * channels * bits / 8));
        for (var i = 0; i < frames; i++)
        {
            var sample = 8000 * Math.Sin(2 * Math.PI * 220 * i / rate);
            for (var channel = 0; channel < channels; channel++, at += bits / 8)
            {
                Write(file.AsSpan(at), sample, bits);
            }
        }

        return file;
    }

    /// <summary>The 44 bytes before the samples, with whatever size.</summary>
    public static byte[] Header(int rate, int channels, int bits, uint size)
    {
        var header = new byte[44];
        "RIFF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), size > int.MaxValue ? size : size + 36);
        "WAVEfmt "u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(22), (short)channels);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(24), rate);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(28), rate * channels * bits / 8);
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(32), (short)(channels * bits / 8));
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(34), (short)bits);
        "data"u8.CopyTo(header.AsSpan(36));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(40), size);
        return header;
    }

    public static async Task SendAsync(HttpContext context, byte[] body, string type = "audio/wav", int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>Begins an answer of which the rest never comes, and breaks the connection when told to.</summary>
    public static async Task BeginAsync(HttpContext context, byte[] body, bool thenBreak)
    {
        context.Response.ContentType = "audio/wav";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (thenBreak)
        {
            context.Abort();
        }
        else
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>A stream that goes on until its reader hangs up; gives the bytes that were taken.</summary>
    public static async Task<long> SendForeverAsync(HttpContext context)
    {
        context.Response.ContentType = "audio/wav";
        var sent = 0L;
        var block = Wave(1)[44..];
        try
        {
            await context.Response.Body.WriteAsync(Header(24_000, 1, 16, uint.MaxValue), context.RequestAborted);
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
                sent += block.Length;
                // After a hang-up writes go nowhere and are done at once: without a rest they would keep the news of it waiting.
                await Task.Delay(1, context.RequestAborted);
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or IOException)
        {
            return sent;
        }

        return sent;
    }

    private static void Write(Span<byte> target, double sample, int bits)
    {
        if (bits == 8)
        {
            target[0] = (byte)Math.Round(128 + (sample / 256));
        }
        else if (bits == 16)
        {
            BinaryPrimitives.WriteInt16LittleEndian(target, (short)sample);
        }
        else if (bits == 24)
        {
            var value = (int)(sample * 256);
            (target[0], target[1], target[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(target, (int)(sample * 65_536));
        }
    }
}
