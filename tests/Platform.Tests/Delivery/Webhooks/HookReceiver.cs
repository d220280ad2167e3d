using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Platform.Tests.Delivery.Webhooks;

/// <summary>A request that a receiver got.</summary>
internal sealed record Heard(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body, long At)
{
    public string Id => Headers["webhook-id"];

    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>A customer's receiver on loopback. What it answers is up to the test.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<Heard> heard = new();
    private readonly SemaphoreSlim arrived = new(0);
    private readonly WebApplication app;

    private HookReceiver(Func<HttpContext, Heard, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            var headers = http.Request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            var request = new Heard(http.Request.Path, headers, body.ToArray(), TimeProvider.System.GetTimestamp());
            heard.Enqueue(request);
            arrived.Release();
            await answer(http, request);
        });
    }

    public Uri Address => new(app.Urls.Single());

    public IReadOnlyCollection<Heard> All => heard;

    public string Url(string path = "/hook") => new Uri(Address, path).ToString();

    public static Task<HookReceiver> StartAsync(int status = 200) => StartAsync((http, _) =>
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    public static async Task<HookReceiver> StartAsync(Func<HttpContext, Heard, Task> answer)
    {
        var receiver = new HookReceiver(answer);
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>One that takes requests and never answers.</summary>
    public static Task<HookReceiver> StartSilentAsync() =>
        StartAsync((http, _) => Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));

    /// <summary>The first requests, once there are so many.</summary>
    public async Task<IReadOnlyList<Heard>> HeardAsync(int count, double seconds = 30)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(seconds));
        while (heard.Count < count)
        {
            await arrived.WaitAsync(patience.Token);
        }

        return [.. heard.Take(count)];
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await app.StopAsync(now.Token);
        await app.DisposeAsync();
        arrived.Dispose();
    }
}
