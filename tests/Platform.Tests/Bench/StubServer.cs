using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Platform.Tests.Bench;

/// <summary>A web server that answers each task as the test says; it shows whether the load client sends and counts right.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private int requests;

    private StubServer(WebApplication app) => this.app = app;

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public int Requests => requests;

    /// <summary>The reply gets the number of the request, from 1, and its task UUID.</summary>
    public static async Task<StubServer> StartAsync(Func<HttpContext, int, string, Task> reply)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new StubServer(builder.Build());
        server.app.MapPost("/v1", async context =>
        {
            var number = Interlocked.Increment(ref server.requests);
            using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            await reply(context, number, body.RootElement[0].GetProperty("taskUUID").GetString()!);
        });
        await server.app.StartAsync();
        var addresses = server.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        server.Address = IPEndPoint.Parse(new Uri(addresses.Addresses.Single()).Authority);
        return server;
    }

    /// <summary>The reply of a platform that is well.</summary>
    public static Task SucceedAsync(HttpContext context, int number, string uuid) =>
        WriteAsync(context, $$"""{"data":[{"taskType":"audioInference","taskUUID":"{{uuid}}"}]}""");

    /// <summary>Odd requests are answered with a counted body, even ones in chunks.</summary>
    public static async Task AlternateFramingAsync(HttpContext context, int number, string uuid)
    {
        if (number % 2 == 1)
        {
            await SucceedAsync(context, number, uuid);
            return;
        }

        await context.Response.WriteAsync("""{"data":[{"taskUUID":" """.TrimEnd());
        await context.Response.Body.FlushAsync();
        await context.Response.WriteAsync(uuid[..18]);
        await context.Response.Body.FlushAsync();
        await context.Response.WriteAsync(uuid[18..] + "\"}]}");
    }

    public static async Task WriteAsync(HttpContext context, string body)
    {
        context.Response.ContentLength = body.Length;
        await context.Response.WriteAsync(body);
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
