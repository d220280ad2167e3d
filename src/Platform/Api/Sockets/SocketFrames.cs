using System.Buffers;
using Platform.Catalog;
using Platform.Delivery;

namespace Platform.Api.Sockets;

/// <summary>
/// Answers as frames. A frame is about one task and has either data or errors, because an SDK that finds errors in a frame drops the data
/// beside them.
/// </summary>
internal sealed class SocketFrames(Envelope envelope)
{
    public static readonly ReadOnlyMemory<byte> Pong = """{"data":[{"taskType":"ping","pong":true}]}"""u8.ToArray();

    public static ReadOnlyMemory<byte> Authenticated(Guid sessionId) => System.Text.Encoding.UTF8.GetBytes(
        $$$"""{"data":[{"taskType":"authentication","connectionSessionUUID":"{{{sessionId}}}"}]}""");

    /// <summary>An error of the frame itself.</summary>
    public ReadOnlyMemory<byte> OfFrame(TaskError error)
    {
        var output = new ArrayBufferWriter<byte>(320);
        envelope.WriteError(output, error);
        return output.WrittenMemory;
    }

    /// <summary>The only error of a task.</summary>
    public ReadOnlyMemory<byte> OfTask(ErrorSubject task, TaskError error)
    {
        var output = new ArrayBufferWriter<byte>(320);
        envelope.WriteError(output, error, task);
        return output.WrittenMemory;
    }

    /// <summary>A refused authentication, under both names that SDKs look for it.</summary>
    public ReadOnlyMemory<byte> OfRefusal(TaskError error)
    {
        var output = new ArrayBufferWriter<byte>(640);
        envelope.WriteError(output, error, ErrorSubject.Authentication, twice: true);
        return output.WrittenMemory;
    }

    /// <summary>One finished result.</summary>
    public ReplyText OfItem(TaskCall call, ReplyText item) => Written(call, TaskReply.Of(item), item.Held);

    /// <summary>
    /// The answer to one task: errors first where both are there, since a client that asks how a task stands takes the first frame for the
    /// whole answer and must learn from it that the task failed.
    /// </summary>
    public IEnumerable<ReplyText> Of(TaskCall call, TaskReply reply)
    {
        if (reply.Errors.Count > 0)
        {
            yield return Written(call, reply with { Items = [] }, 0);
        }

        if (reply.Items.Count > 0)
        {
            yield return Written(call, reply with { Errors = [] }, reply.Items.Sum(static item => item.Held));
        }
    }

    private ReplyText Written(TaskCall call, TaskReply reply, int length)
    {
        var output = new ReplyWriter(length + 320);
        envelope.Write(output, [(call, reply)]);
        return output.ToText();
    }
}
