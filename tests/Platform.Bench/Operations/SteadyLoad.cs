using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Platform.Bench.Operations;

/// <summary>
/// Customers who send synchronous tasks at a steady rate with an ordinary client, which keeps connections and opens new ones when it is told to.
/// A request that is due is sent whether or not earlier ones were answered. Its idle connections live shorter than a node that leaves waits
/// before it closes them: who keeps them longer must expect to send into a closing one.
/// </summary>
internal sealed class SteadyLoad(Uri address, string key, double perSecond) : IDisposable
{
    private const int MostFaults = 8;
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3) })
    {
        Timeout = TimeSpan.FromSeconds(70),
    };

    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentBag<(TimeSpan Sent, double Milliseconds)> _answers = [];
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _answered;
    private long _failed;

    public long Answered => _answered;

    public long Failed => _failed;

    public IReadOnlyList<string> Faults => [.. _faults.Take(MostFaults)];

    /// <summary>Since this load was made; what is given to <see cref="Between"/>.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_began);

    /// <summary>Milliseconds that answered requests sent between the two took: median, the 99th in a hundred, and the worst.</summary>
    public (double P50, double P99, double Worst) Between(TimeSpan from, TimeSpan until)
    {
        double[] sorted = [.. _answers.Where(answer => answer.Sent >= from && answer.Sent < until).Select(static answer => answer.Milliseconds).Order()];
        return (Quantile(sorted, 0.5), Quantile(sorted, 0.99), Quantile(sorted, 1));
    }

    /// <summary>Sends until told to stop, and returns when all are answered.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var sending = new List<Task>();
        var started = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            var due = (int)(Stopwatch.GetElapsedTime(started).TotalSeconds * perSecond);
            while (sending.Count < due)
            {
                sending.Add(SendAsync());
            }

            await Task.Delay(5, CancellationToken.None);
        }

        await Task.WhenAll(sending);
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync()
    {
        var sent = Now;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/v1"))
            {
                Content = new StringContent(
                    $$"""
                    [{"taskType":"audioInference","taskUUID":"{{Guid.NewGuid()}}","model":"alibaba:qwen@3-tts-1.7b-customvoice",
                      "speech":{"text":"Steady as she goes.","voice":"serena"},"outputFormat":"WAV"}]
                    """,
                    Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await _http.SendAsync(request);
            if (answer.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _answered);
                _answers.Add((sent, (Now - sent).TotalMilliseconds));
                return;
            }

            Fail(sent, $"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            Fail(sent, $"{fault.Message} {fault.InnerException?.Message}");
        }
    }

    private void Fail(TimeSpan sent, string why)
    {
        Interlocked.Increment(ref _failed);
        _faults.Enqueue($"sent at {sent.TotalSeconds:0.0} s, given up at {Now.TotalSeconds:0.0} s: {why}");
    }

    private static double Quantile(double[] sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)];
}
