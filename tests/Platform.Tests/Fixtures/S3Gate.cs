using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Platform.Tests.Fixtures;

/// <summary>
/// Stands before the S3 server of the tests, which does not work out signatures of version 4: what is not rightly signed is refused here.
/// A test can have it refuse more, or close it for a while.
/// </summary>
internal sealed class S3Gate : IAsyncDisposable
{
    private static readonly HashSet<string> Hop = new(StringComparer.OrdinalIgnoreCase) { "Transfer-Encoding", "Connection", "Keep-Alive" };

    private readonly WebApplication app;
    private readonly HttpClient next = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly string target;

    private S3Gate(string target)
    {
        this.target = target;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        app = builder.Build();
        app.Run(PassAsync);
    }

    public string Endpoint => app.Urls.Single();

    /// <summary>An answer in place of the store's, such as 503, for the requests that the test picks.</summary>
    public Func<HttpRequest, int?> Refuse { get; set; } = static _ => null;

    public static async Task<S3Gate> StartAsync(string target)
    {
        var gate = new S3Gate(target);
        await gate.app.StartAsync();
        return gate;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        next.Dispose();
    }

    private async Task PassAsync(HttpContext http)
    {
        using var memory = new MemoryStream();
        await http.Request.Body.CopyToAsync(memory);
        var body = memory.ToArray();
        if (Refuse(http.Request) is { } status)
        {
            await AnswerAsync(http, status, "Refused");
        }
        else if (SignatureCheck.FindFault(http.Request, body, S3Server.SecretKey, TimeProvider.System.GetUtcNow()) is { } fault)
        {
            await AnswerAsync(http, StatusCodes.Status403Forbidden, fault);
        }
        else
        {
            await ForwardAsync(http, body);
        }
    }

    private static Task AnswerAsync(HttpContext http, int status, string code)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/xml";
        return http.Response.WriteAsync($"<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    }

    private async Task ForwardAsync(HttpContext http, byte[] body)
    {
        var raw = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), new Uri(target + raw)) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in http.Request.Headers.Where(static header => header.Key != "Host"))
        {
            if (!request.Headers.TryAddWithoutValidation(name, value.ToArray()))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value.ToArray());
            }
        }

        // What was signed, since the server compares its own idea of it in older versions only.
        request.Headers.Host = http.Request.Host.Value;
        using var answer = await next.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, value) in answer.Headers.Concat(answer.Content.Headers).Where(static header => !Hop.Contains(header.Key)))
        {
            http.Response.Headers[name] = value.ToArray();
        }

        await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
    }
}
