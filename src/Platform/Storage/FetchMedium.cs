using System.Buffers.Text;
using Microsoft.Extensions.Options;
using Platform.Outbound;

namespace Platform.Storage;

/// <summary>The bytes behind what a customer sent as a medium: a URL, a data URI or bare base64. Nothing is kept.</summary>
internal sealed class FetchMedium : IDisposable
{
    private const string DataScheme = "data:";
    private const string Forms = "must be an http or https URL, a data URI or base64";

    private readonly OutboundGuard _guard;
    private readonly HttpClient _client;
    private readonly int _limit;

    public FetchMedium(OutboundGuard guard, OutboundClients clients, IOptions<StoredMediaOptions> options)
    {
        _guard = guard;
        _limit = options.Value.MaxBytes;
        _client = clients.Create(new OutboundLimits(TimeSpan.FromSeconds(options.Value.DownloadSeconds), _limit));
    }

    public async Task<(byte[]? Bytes, MediumRefusal? Refusal)> RunAsync(Guid tenantId, string source)
    {
        if (source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return await DownloadAsync(tenantId, source);
        }

        var text = source.AsSpan();
        if (source.StartsWith(DataScheme, StringComparison.OrdinalIgnoreCase))
        {
            // The media type is not asked: what the bytes are is seen when they are decoded.
            var comma = text.IndexOf(',');
            if (comma < 0 || !text[..comma].EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            {
                return Refused(MediumFault.Invalid, "must be a data URI in base64, such as data:audio/wav;base64,...");
            }

            text = text[(comma + 1)..];
        }

        return Decode(text);
    }

    public void Dispose() => _client.Dispose();

    private (byte[]? Bytes, MediumRefusal? Refusal) Decode(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !Base64.IsValid(text, out var length))
        {
            return Refused(MediumFault.Invalid, Forms);
        }

        if (length > _limit)
        {
            return TooLarge();
        }

        var bytes = new byte[length];
        return Convert.TryFromBase64Chars(text, bytes, out var written) && written == length
            ? (bytes, null)
            : Refused(MediumFault.Invalid, Forms);
    }

    private async Task<(byte[]? Bytes, MediumRefusal? Refusal)> DownloadAsync(Guid tenantId, string url)
    {
        if (await _guard.CheckAsync(url, tenantId) is { } refusal)
        {
            return Refused(FaultOf(refusal), refusal.Reason);
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Options.Set(OutboundClients.Tenant, tenantId);
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            if (!answer.IsSuccessStatusCode)
            {
                return Refused(MediumFault.DownloadFailed, $"could not be fetched: its server answered {(int)answer.StatusCode}");
            }

            if (answer.Content.Headers.ContentLength > _limit)
            {
                return TooLarge();
            }

            using var bytes = new MemoryStream();
            await using var body = await answer.Content.ReadAsStreamAsync();
            await body.CopyToAsync(bytes);
            return (bytes.ToArray(), null);
        }
        catch (OutboundException fault)
        {
            return fault.Fault switch
            {
                OutboundFault.TooLarge => TooLarge(),
                OutboundFault.TimedOut => Refused(MediumFault.DownloadFailed, "could not be fetched: its server was too slow"),
                _ => Refused(FaultOf(fault.Refusal), fault.Refusal.Reason),
            };
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return Refused(MediumFault.DownloadFailed, "could not be fetched: its server did not answer as it should");
        }
    }

    private static MediumFault FaultOf(OutboundRefusal refusal) =>
        refusal.Fault == OutboundFault.Busy ? MediumFault.Busy : MediumFault.Invalid;

    private (byte[]?, MediumRefusal?) TooLarge() => Refused(MediumFault.TooLarge, $"must have at most {_limit} bytes");

    private static (byte[]?, MediumRefusal?) Refused(MediumFault fault, string reason) => (null, new MediumRefusal(fault, reason));
}
