using Microsoft.Extensions.Options;
using Platform.Storage;
using Polly;
using Polly.Retry;

namespace Platform.Tasks;

/// <summary>
/// Step 9 of the walk. A store that is away for a while costs no task an attempt: its worker waits with the finished file in hand, which
/// also keeps it from making more that could not be stored either.
/// </summary>
internal sealed partial class StoreAudio
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);

    private readonly IBlobStore _blobs;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline _pipeline;
    private readonly ILogger<StoreAudio> _log;

    public StoreAudio(IBlobStore blobs, IOptions<StorageOptions> options, TimeProvider time, ILogger<StoreAudio> log)
    {
        _blobs = blobs;
        _time = time;
        _log = log;
        var patience = TimeSpan.FromSeconds(options.Value.RetrySeconds);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            // The first five waits double up to the longest one.
            MaxRetryAttempts = 5 + (int)(patience / LongestDelay),
            Delay = FirstDelay < patience ? FirstDelay : patience,
            MaxDelay = LongestDelay < patience ? LongestDelay : patience,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = new PredicateBuilder().Handle<IOException>(),
            OnRetry = arguments =>
            {
                LogAgain(log, arguments.AttemptNumber + 1, arguments.Outcome.Exception?.Message ?? "");
                return default;
            },
        }).Build();
    }

    /// <summary>The key under which the file lies; null when the store took nothing for all that time.</summary>
    public async Task<string?> RunAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken lease)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async token => await AddAsync(key, bytes, token), lease);
        }
        catch (IOException fault)
        {
            LogGivenUp(_log, fault.Message);
            return null;
        }
    }

    private async Task<string> AddAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var succeeded = false;
        try
        {
            var stored = await _blobs.AddAsync(key, bytes, cancellation);
            succeeded = true;
            return stored;
        }
        finally
        {
            StorageMetrics.Wrote(succeeded, _time.GetElapsedTime(started));
        }
    }

    /// <summary>Takes a file back that nobody will be given. What cannot be deleted now is an orphan, which a sweep finds.</summary>
    public async Task DiscardAsync(string key)
    {
        try
        {
            await _blobs.DeleteAsync([key], CancellationToken.None);
        }
        catch (IOException fault)
        {
            LogLeft(_log, key, fault.Message);
        }
    }

    [LoggerMessage(EventId = 2801, Level = LogLevel.Warning, Message = "A result could not be stored at try {Attempt}: {Reason}")]
    private static partial void LogAgain(ILogger log, int attempt, string reason);

    [LoggerMessage(EventId = 2802, Level = LogLevel.Error, Message = "A result could not be stored, and its task goes back to its pool: {Reason}")]
    private static partial void LogGivenUp(ILogger log, string reason);

    [LoggerMessage(EventId = 2803, Level = LogLevel.Warning, Message = "The file {Key} is left to the sweep: {Reason}")]
    private static partial void LogLeft(ILogger log, string key, string reason);
}
