using System.Text;
using Platform.Delivery;

namespace Platform.Api;

/// <summary>Reply items that hold a field or two.</summary>
internal static class SmallItems
{
    /// <summary>The type of every task that has results.</summary>
    public const string Inference = "audioInference";

    /// <summary>No <c>taskUUID</c>, for the JS SDK matches it by its type alone.</summary>
    public static readonly byte[] Pong = """{"taskType":"ping","pong":true}"""u8.ToArray();

    public static byte[] Authentication() =>
        Encoding.UTF8.GetBytes($$"""{"taskType":"authentication","connectionSessionUUID":"{{Guid.NewGuid()}}"}""");

    /// <param name="taskType">A type from our own table.</param>
    /// <param name="taskUuid">A checked UUID, as sent: it cannot need escaping.</param>
    public static byte[] Acknowledgement(string taskType, string taskUuid) =>
        Encoding.UTF8.GetBytes($$"""{"taskType":"{{taskType}}","taskUUID":"{{taskUuid}}"}""");

    public static byte[] WithStatus(string taskType, string taskUuid, string status) =>
        Encoding.UTF8.GetBytes($$"""{"taskType":"{{taskType}}","taskUUID":"{{taskUuid}}","status":"{{status}}"}""");

    /// <summary>One item for each result that is not finished, under the UUID as the call spells it.</summary>
    public static IEnumerable<ReplyText> Processing(TaskCall call, int count) =>
        Enumerable.Repeat((ReplyText)WithStatus(Inference, call.TaskUuid!, "processing"), count);

    /// <summary>A finished item as a poll shows it: the same bytes with <c>status</c> first.</summary>
    public static ReplyText Succeeded(ReplyText item) =>
        item.WithStart((byte[])[.. """{"status":"success","""u8, .. item.Start.Span[1..]]);
}
