using System.Runtime.CompilerServices;
using System.Text;

namespace Platform.Engines.DashScope;

/// <summary>One event of a stream; several <c>data</c> lines are one text.</summary>
internal readonly record struct ServerSentEvent(string Name, string Data);

/// <summary>
/// Reads server-sent events as this provider sends them: blanks around names are nothing, lines that are no field (comments, heartbeats,
/// <c>:HTTP_STATUS/200</c>) are passed over, and the last event counts without an empty line behind it.
/// </summary>
internal static class ServerSentEvents
{
    public static async IAsyncEnumerable<ServerSentEvent> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = new StreamReader(body, Encoding.UTF8);
        var (name, data) = ("", new StringBuilder());
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Length > 0 || name.Length > 0)
                {
                    yield return new ServerSentEvent(name, data.ToString());
                }

                name = "";
                data.Clear();
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            switch (colon > 0 ? line[..colon].Trim() : "")
            {
                case "event":
                    name = line[(colon + 1)..].Trim();
                    break;
                case "data":
                    data.Append(data.Length > 0 ? "\n" : "").Append(line.AsSpan(colon + 1).Trim());
                    break;
                default:
                    break;
            }
        }

        if (data.Length > 0)
        {
            yield return new ServerSentEvent(name, data.ToString());
        }
    }
}
