using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Platform.Tests.Engines.DashScope;

/// <summary>What a provider's handler writes: each piece goes out at once, and nobody waits for a caller that has gone.</summary>
internal static class Answering
{
    public static async Task SendAsync(this HttpContext context, string text)
    {
        await context.Response.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public static async Task SendAsync(this HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    public static Task SendJsonAsync(this HttpContext context, JsonObject answer) => context.Response.WriteAsJsonAsync(answer, context.RequestAborted);
}
