using Microsoft.AspNetCore.Http;

namespace Platform.LocalStripe;

/// <summary><c>./dev stripe</c>: the local Stripe for a person. Sessions are paid at their own address; events go to a running platform.</summary>
internal static class LocalStripeProgram
{
    private const string Secret = "whsec_local_0123456789";
    private const int Port = 12111;

    private static async Task<int> Main(string[] arguments)
    {
        var platform = new Uri(arguments.FirstOrDefault() ?? "http://127.0.0.1:5080");
        if (!platform.IsLoopback)
        {
            await Console.Error.WriteLineAsync("The local Stripe plays with no other machine: give it a platform on this one.");
            return 2;
        }

        await using var stripe = await LocalStripeServer.StartAsync(TimeProvider.System, Port, ShowAsync);
        using var webhooks = new Webhooks(stripe.Account, new Uri(platform, "/stripe/webhook"), Secret, TimeProvider.System);
        Console.WriteLine(
            $"""
            A local Stripe listens on {stripe.Address.OriginalString}. Start the platform with it:

              PLATFORM_STRIPE__SECRETKEY={LocalStripeServer.SecretKey} PLATFORM_STRIPE__WEBHOOKSECRETS__0={Secret} \
              PLATFORM_STRIPE__BASEURL={stripe.Address.OriginalString} ./dev run

            and begin a top-up; its url is a page of this server with a button:

              curl {platform.OriginalString}/v1/topups -H "Authorization: Bearer $(cat data/demo.key)" -d '{"amountCents":2500}'
            """);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        while (await tick.WaitForNextTickAsync())
        {
            await DeliverAsync(webhooks);
        }

        return 0;
    }

    private static async Task DeliverAsync(Webhooks webhooks)
    {
        foreach (var told in webhooks.Take())
        {
            try
            {
                Console.WriteLine($"{told["type"]}: the platform answered {(int)await webhooks.SendAsync(told)}");
            }
            catch (HttpRequestException fault)
            {
                Console.WriteLine($"{told["type"]}: the platform did not answer ({fault.HttpRequestError})");
            }
        }
    }

    private static async Task<bool> ShowAsync(LocalStripeServer server, HttpContext http)
    {
        if (!http.Request.Path.StartsWithSegments("/pay", StringComparison.Ordinal, out var rest) || rest.Value?.TrimStart('/') is not { Length: > 0 } session)
        {
            return false;
        }

        if (server.Account.Find(session) is not { } found)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (http.Request.Method == "POST")
        {
            server.Dashboard.Pay(session);
            http.Response.Redirect((string)found["success_url"]!);
        }
        else
        {
            http.Response.ContentType = "text/html; charset=utf-8";
            await http.Response.WriteAsync(
                $"<!doctype html><title>Local Stripe</title><form method=\"post\"><button>Pay {(long)found["amount_total"]! / 100m:0.00} USD</button></form>");
        }

        return true;
    }
}
