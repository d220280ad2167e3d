using Microsoft.Extensions.Options;
using Platform.Api;
using Platform.Api.Sockets;
using Platform.Delivery.Sync;

namespace Platform.Hosting;

/// <summary>
/// How an api node leaves: it says that it is not ready, serves on until balancers have noticed, then takes nothing new, ends its sockets with
/// 1001, and answers those who still wait at the end of its grace with <c>syncTimeout</c>, whose tasks go on elsewhere.
/// </summary>
internal sealed partial class ApiDrain(
    OpenSockets sockets, SyncWaiters waiters, IOptions<ApiOptions> options, TimeProvider time, ILogger<ApiDrain> log) : IHostedLifecycleService
{
    // The web server stops behind this: until it returns, connections and requests are taken.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var delay = TimeSpan.FromSeconds(options.Value.DrainDelaySeconds);
        LogLeaving(log, delay.TotalSeconds, options.Value.DrainSeconds);
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // The web server waits for its sockets when it stops, so they have to be told before it is.
        _ = sockets.StopAsync();
        _ = ReleaseAsync();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A client that keeps its connection would meet its end in the middle of a request: each answer tells it to come by a new one.</summary>
    public static Task CloseAfterAnswerAsync(HttpContext http, RequestDelegate next)
    {
        var lifetime = http.RequestServices.GetRequiredService<IHostApplicationLifetime>();
        if (lifetime.ApplicationStopping.IsCancellationRequested && !http.WebSockets.IsWebSocketRequest)
        {
            http.Response.Headers.Connection = "close";
        }

        return next(http);
    }

    private async Task ReleaseAsync()
    {
        await Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), time);
        waiters.Release();
    }

    [LoggerMessage(
        EventId = 5701,
        Level = LogLevel.Information,
        Message = "This node is leaving: not ready, serving on for {Delay} s, then at most {Grace} s for what is under way")]
    private static partial void LogLeaving(ILogger log, double delay, double grace);
}
