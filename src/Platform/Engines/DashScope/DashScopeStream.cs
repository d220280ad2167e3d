using System.Diagnostics;
using System.Text.Json;

namespace Platform.Engines.DashScope;

/// <summary>Reads one answer that comes in pieces. It is whole only when an event said <c>stop</c>.</summary>
/// <param name="started">When the call began, as a timestamp of <see cref="Stopwatch"/>.</param>
internal sealed class DashScopeStream(long started)
{
    private readonly List<byte[]> _pieces = [];
    private DashScopeReply _last = new();
    private TimeSpan? _firstAudio;
    private bool _isWhole;

    public async Task<DashScopeAnswer> ReadAsync(Stream body, CancellationToken cancellation)
    {
        await foreach (var one in ServerSentEvents.ReadAsync(body, cancellation))
        {
            if (Take(one) is { } failure)
            {
                return failure;
            }
        }

        if (!_isWhole)
        {
            return DashScopeAnswer.Failed(FailureKind.Broken, "cut", "The speech provider's answer broke off.") with { RequestId = _last.RequestId };
        }

        var reply = _last with { Audio = _pieces.Count > 0 ? Join() : null, FirstAudio = _firstAudio };
        return new DashScopeAnswer(reply, null) { RequestId = reply.RequestId };
    }

    private DashScopeAnswer? Take(ServerSentEvent one)
    {
        JsonElement root;
        try
        {
            using var document = JsonDocument.Parse(one.Data);
            root = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return one.Name == "error" ? Refused("", null) : null;
        }

        var code = DashScopeReply.CodeOf(root);
        if (one.Name == "error" || code is not null)
        {
            return Refused(code ?? "", DashScopeReply.TextOf(root, "request_id"));
        }

        var piece = DashScopeReply.Of(root);
        if (piece.Audio is { } bytes)
        {
            _firstAudio ??= Stopwatch.GetElapsedTime(started);
            _pieces.Add(bytes);
        }

        _last = new DashScopeReply
        {
            AudioUrl = piece.AudioUrl ?? _last.AudioUrl,
            RequestId = piece.RequestId ?? _last.RequestId,
            Characters = piece.Characters ?? _last.Characters,
            OutputTokens = piece.OutputTokens ?? _last.OutputTokens,
        };
        _isWhole |= IsLast(root);
        return null;
    }

    private byte[] Join()
    {
        var whole = new byte[_pieces.Sum(static piece => piece.Length)];
        var at = 0;
        foreach (var piece in _pieces)
        {
            piece.CopyTo(whole, at);
            at += piece.Length;
        }

        return whole;
    }

    // "null" is a text here, as the documents show it; only "stop" is the end.
    private static bool IsLast(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("output", out var output)
        && DashScopeReply.TextOf(output, "finish_reason") == "stop";

    private static DashScopeAnswer Refused(string code, string? requestId)
    {
        var (failure, alert) = DashScopeErrors.Of(200, code);
        return new DashScopeAnswer(null, failure) { Alert = alert, RequestId = requestId };
    }
}
