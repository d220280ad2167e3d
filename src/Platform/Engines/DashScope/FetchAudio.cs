using Platform.Outbound;

namespace Platform.Engines.DashScope;

/// <summary>
/// Fetches what an answer only points to, at once, since the address ends after a day. It comes from the provider and not from the operator:
/// only known hosts are asked, redirects are not followed, and nothing of ours is sent along.
/// </summary>
internal sealed class FetchAudio(HttpClient http, DashScopeOptions options)
{
    private const int Tries = 3;

    public async Task<(byte[]? Bytes, EngineFailure? Failure)> RunAsync(string address, CancellationToken cancellation)
    {
        if (AllowedOf(address) is not { } url)
        {
            return Failed("audioHost", "The speech provider named an address that is not one of its own.");
        }

        // The audio is made and paid for: asking again for it is cheaper than having it made again.
        for (var attempt = 1; ; attempt++)
        {
            var (bytes, isFinal) = await TryAsync(url, cancellation);
            if (bytes is not null)
            {
                return (bytes, null);
            }

            if (isFinal || attempt == Tries)
            {
                return Failed("audioGone", "The speech provider's audio could not be fetched.");
            }
        }
    }

    private async Task<(byte[]? Bytes, bool IsFinal)> TryAsync(Uri url, CancellationToken cancellation)
    {
        try
        {
            using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!response.IsSuccessStatusCode)
            {
                return (null, (int)response.StatusCode < 500);
            }

            await using var body = new BoundedStream(await response.Content.ReadAsStreamAsync(cancellation), options.MaxBytes, cancellation);
            using var bytes = new MemoryStream();
            await body.CopyToAsync(bytes, cancellation);
            return response.Content.Headers.ContentLength is { } promised && promised != bytes.Length ? (null, false) : (bytes.ToArray(), false);
        }
        catch (OutboundException)
        {
            return (null, true);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return (null, false);
        }
    }

    // The samples of the documents have http addresses: the signature in them, not the transport, is what guards the file.
    private Uri? AllowedOf(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") && url.UserInfo.Length == 0
        && options.FindAudioHosts().Any(host => IsOf(url.Host, host))
            ? url
            : null;

    private static bool IsOf(string host, string allowed) =>
        host.Equals(allowed, StringComparison.OrdinalIgnoreCase) || host.EndsWith('.' + allowed, StringComparison.OrdinalIgnoreCase);

    private static (byte[]?, EngineFailure) Failed(string code, string message) =>
        (null, EngineFailure.Of(FailureKind.Broken, "read", code, message));
}
