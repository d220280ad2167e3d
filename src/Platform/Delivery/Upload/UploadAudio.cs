using System.Net;
using Microsoft.Extensions.Options;
using Platform.Outbound;
using Platform.Storage;
using Polly;
using Polly.Retry;

namespace Platform.Delivery.Upload;

/// <summary>What came of an upload.</summary>
/// <param name="Fault">Why the customer's server does not have the file, as a sentence; null when it does.</param>
internal readonly record struct Uploaded(string? Fault);

/// <summary>
/// Step 10 of the walk: PUTs a stored file to the address that its customer named. Connection errors, 408, 429 and 5xx are tried again with
/// growing, scattered waits; any other answer than 2xx is final.
/// </summary>
internal sealed partial class UploadAudio : IDisposable
{
    // Nothing is read of an answer but its head; this much may come before the connection is given up.
    private const int LongestAnswer = 16 * 1024;

    // A file of this size first asks whether it is welcome, so that a refusal does not cost its transfer.
    private const int AsksFirst = 1024 * 1024;

    private readonly HttpClient _client;
    private readonly VerifiedBlobs _blobs;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<Attempt> _pipeline;
    private readonly ILogger<UploadAudio> _log;
    private readonly TimeSpan _timeout;

    public UploadAudio(
        OutboundClients clients, VerifiedBlobs blobs, IOptions<UploadOptions> options, TimeProvider time, ILogger<UploadAudio> log)
    {
        _blobs = blobs;
        _time = time;
        _log = log;
        _timeout = TimeSpan.FromSeconds(options.Value.AttemptSeconds);
        _client = clients.Create(new OutboundLimits(_timeout, LongestAnswer));
        _pipeline = PipelineOf(options.Value, time);
    }

    /// <summary>Returns when the server has the whole file, or will not get it.</summary>
    /// <exception cref="IOException">Our own store cannot be read.</exception>
    public async Task<Uploaded> RunAsync(Guid tenantId, string blobKey, string address, CancellationToken cancellation)
    {
        var url = new Uri(address);
        var started = _time.GetTimestamp();
        var attempts = 0;
        var last = await _pipeline.ExecuteAsync(
            async token =>
            {
                attempts++;
                return await TryAsync(tenantId, blobKey, url, token);
            },
            cancellation);
        UploadMetrics.Ended(last.Fault is null, _time.GetElapsedTime(started));
        if (last.Fault is null)
        {
            LogUploaded(_log, blobKey, url.Host, attempts);
            return default;
        }

        LogFailed(_log, blobKey, url.Host, attempts, last.Fault);
        return new Uploaded(last.Fault);
    }

    public void Dispose() => _client.Dispose();

    private static ResiliencePipeline<Attempt> PipelineOf(UploadOptions options, TimeProvider time)
    {
        var pipeline = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time };
        return options.Attempts == 1 ? pipeline.Build() : pipeline.AddRetry(new RetryStrategyOptions<Attempt>
        {
            MaxRetryAttempts = options.Attempts - 1,
            Delay = TimeSpan.FromSeconds(options.RetryDelaySeconds),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result.MayPass),
        }).Build();
    }

    private async Task<Attempt> TryAsync(Guid tenantId, string blobKey, Uri url, CancellationToken cancellation)
    {
        var file = await _blobs.OpenStreamAsync(blobKey, cancellation) ?? throw new IOException("The stored file is gone.");
        using var request = new HttpRequestMessage(HttpMethod.Put, url)
        {
            Content = new UploadBody(file, MediaTypes.OfFile(blobKey)),
            Headers = { ExpectContinue = file.Length >= AsksFirst },
        };
        request.Options.Set(OutboundClients.Tenant, tenantId);
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return Judge(answer.StatusCode);
        }
        catch (OutboundException refused)
        {
            // A name may be looked up again with better luck, and slow servers recover; an address that is not allowed stays so.
            return new Attempt(refused.Message, refused.Fault is OutboundFault.TimedOut or OutboundFault.Unresolved or OutboundFault.Busy);
        }
        catch (HttpRequestException fault)
        {
            return new Attempt(CallFault.Describe(fault, _timeout) ?? "The connection broke.", true);
        }
    }

    private static Attempt Judge(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => default,
        >= 300 and < 400 => new Attempt($"Its server answered {(int)status}; redirects are not followed.", false),
        408 or 429 or >= 500 => new Attempt($"Its server answered {(int)status}.", true),
        var final => new Attempt($"Its server answered {final}.", false),
    };

    [LoggerMessage(EventId = 4601, Level = LogLevel.Debug, Message = "Uploaded {Key} to {Host} at attempt {Attempts}")]
    private static partial void LogUploaded(ILogger log, string key, string host, int attempts);

    [LoggerMessage(
        EventId = 4602, Level = LogLevel.Information, Message = "The upload of {Key} to {Host} was given up after attempt {Attempts}: {Reason}")]
    private static partial void LogFailed(ILogger log, string key, string host, int attempts, string reason);

    /// <param name="Fault">Null when it succeeded.</param>
    /// <param name="MayPass">Whether another attempt may help.</param>
    private readonly record struct Attempt(string? Fault, bool MayPass);
}
