using System.CommandLine;
using Microsoft.Extensions.Options;
using Platform.Delivery.Webhooks;
using Platform.Hosting;
using Platform.Ledger;
using Platform.Persistence;
using Platform.Storage;
using Platform.Tenants;

namespace Platform.Server;

/// <summary><c>demo</c>: gives a shared database what the embedded mode makes by itself, a tenant to try it with and a command to paste.</summary>
internal static class DemoVerb
{
    private static readonly Option<string> Url = new("--url")
    {
        DefaultValueFactory = static _ => "http://127.0.0.1:5080",
        Description = "Where customers reach the api. Default: http://127.0.0.1:5080.",
    };

    public static Command Create() => Verb.Make(
        "demo", "Make a tenant with 10 USD of credit and a key, once, and show a command to paste.", [Url], RunAsync);

    private static async Task RunAsync(IServiceProvider services, ParseResult given, CancellationToken cancellation)
    {
        var folder = services.Get<DataFolder>();
        Directory.CreateDirectory(folder.Path);
        var storage = Options.Create(new StorageOptions { PublicBaseUrl = given.GetValue(Url)! });
        var secrets = new WebhookSecrets(services.Get<Database>(), services.Get<TimeProvider>());
        var demo = new DemoTenant(services.Get<RegisterTenants>(), services.Get<AddCredit>(), secrets, folder, storage);
        var key = await demo.EnsureAsync(cancellation);
        Console.WriteLine($"Paste this to hear it speak (the key is also in {demo.KeyFile}):\n\n{demo.Curl(key)}");
    }
}
