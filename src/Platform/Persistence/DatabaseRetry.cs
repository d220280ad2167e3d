using Microsoft.Extensions.Options;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Platform.Persistence;

/// <summary>
/// Tries a statement again when its connection or its server went away. Only for statements that may run twice:
/// each hot statement recognises its own earlier work by an id that the caller made.
/// </summary>
internal sealed partial class DatabaseRetry
{
    private readonly ResiliencePipeline _pipeline;

    public DatabaseRetry(IOptions<DatabaseOptions> options, TimeProvider time, ILogger<DatabaseRetry> log)
    {
        var limit = TimeSpan.FromSeconds(options.Value.RetrySeconds);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(MayPass),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(50),
                MaxDelay = TimeSpan.FromSeconds(1),
                MaxRetryAttempts = 8 + (int)limit.TotalSeconds,
                OnRetry = attempt =>
                {
                    LogRetry(log, attempt.AttemptNumber + 1, attempt.Outcome.Exception?.Message ?? "");
                    return default;
                },
            })
            .Build();
    }

    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> statement, CancellationToken cancellation = default) =>
        await _pipeline.ExecuteAsync(async token => await statement(token), cancellation);

    /// <summary>
    /// Whether the fault lies with the connection, a restart, a lock, or a state of the server that its operator mends, so that the same
    /// statement may succeed later.
    /// </summary>
    public static bool MayPass(Exception fault) => fault switch
    {
        PostgresException refused => refused.IsTransient || RefusesEntry(refused)
            || refused.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.DiskFull
                or PostgresErrorCodes.ReadOnlySqlTransaction
                // Somebody's pg_cancel_backend, and a pooler whose server is gone.
                or PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.ProtocolViolation,
        NpgsqlException => true,
        TimeoutException or System.Net.Sockets.SocketException => true,
        _ => false,
    };

    /// <summary>
    /// Whether the server lets this user in or at its tables no longer, or has no such database: wrong settings at a start, and under a running process a
    /// password that is just being changed, or a restore.
    /// </summary>
    public static bool RefusesEntry(PostgresException fault) => fault.SqlState
        is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName
        or PostgresErrorCodes.InsufficientPrivilege;

    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "Database did not answer, try {Attempt}: {Reason}")]
    private static partial void LogRetry(ILogger log, int attempt, string reason);
}
