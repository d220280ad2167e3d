using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Bench.Load;
using Platform.Bench.Report;
using Platform.Bench.Stage;

namespace Platform.Bench.Operations;

/// <summary>
/// What telemetry costs: two installations of the same build, one that exports to a collector and is scraped, one that is silent. They take
/// turns, so that what else happens on the machine meets both.
/// </summary>
internal sealed class TelemetryMeasure(BenchStage stage, bool isQuick)
{
    private const int Connections = 64;
    private static readonly TimeSpan BetweenScrapes = TimeSpan.FromSeconds(5);

    private readonly int _rounds = isQuick ? 3 : 7;
    // Long enough that what is compiled again under load is through with it: one installation has more of that than the other.
    private readonly TimeSpan _warmUp = TimeSpan.FromSeconds(isQuick ? 3 : 15);
    private readonly TimeSpan _window = TimeSpan.FromSeconds(isQuick ? 2 : 4);
    private long _exports;
    private long _scrapes;

    public async Task<TelemetryFigure> MeasureAsync(CancellationToken cancellation)
    {
        await using var collector = await StartCollectorAsync();
        var port = Loopback.FindFreePorts(1)[0];
        var nothing = new Dictionary<string, string>(StringComparer.Ordinal);
        var silent = await stage.StartAsync(await stage.PrepareAsync("silent", nothing, cancellation), cancellation);
        var watched = await stage.StartAsync(await stage.PrepareAsync("watched", Watched(collector, port), cancellation), cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var scraping = ScrapeAsync(port, stop.Token);
        List<double> off = [], on = [];
        await LoadAsync(silent, _warmUp, cancellation);
        await LoadAsync(watched, _warmUp, cancellation);
        for (var round = 0; round < _rounds; round++)
        {
            // Whoever is second finds the machine as the first left it.
            var isOffFirst = round % 2 == 0;
            (isOffFirst ? off : on).Add(await LoadAsync(isOffFirst ? silent : watched, _window, cancellation));
            (isOffFirst ? on : off).Add(await LoadAsync(isOffFirst ? watched : silent, _window, cancellation));
        }

        await stop.CancelAsync();
        await scraping;
        return new TelemetryFigure(Connections, off, on, _exports, _scrapes);
    }

    private static async Task<double> LoadAsync(PlatformNodes nodes, TimeSpan window, CancellationToken cancellation)
    {
        var template = TaskRequest.Render(nodes.Api.ToString(), nodes.Key, isAsync: false);
        var result = await LoadRun.RunAsync(
            new LoadPlan(nodes.Api, template, Connections) { WarmUp = TimeSpan.FromMilliseconds(500), Window = window }, cancellation);
        nodes.ThrowIfOneIsGone();
        return result.Failed == 0
            ? result.PerWindow[0] / window.TotalSeconds
            : throw new BenchException($"{result.Failed} requests failed: {string.Join("; ", result.Faults)}");
    }

    // The settings of an operator who leaves all else at its default. Each process needs a port of its own, so only the api is scraped here.
    private static Dictionary<string, string> Watched(WebApplication collector, int port) => new(StringComparer.Ordinal)
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.First(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        [ServerCommands.MetricsUrlOfApi] = $"http://127.0.0.1:{port}",
    };

    private async Task<WebApplication> StartCollectorAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = builder.Build();
        collector.Run(async http =>
        {
            await http.Request.Body.CopyToAsync(Stream.Null);
            Interlocked.Increment(ref _exports);
        });
        await collector.StartAsync();
        return collector;
    }

    private async Task ScrapeAsync(int port, CancellationToken stop)
    {
        using var http = new HttpClient();
        using var timer = new PeriodicTimer(BetweenScrapes);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                await http.GetByteArrayAsync(new Uri($"http://127.0.0.1:{port}/metrics"), stop);
                _scrapes++;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }
}
