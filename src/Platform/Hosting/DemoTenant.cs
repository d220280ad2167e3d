using Microsoft.Extensions.Options;
using Platform.Delivery.Webhooks;
using Platform.Ledger;
using Platform.Storage;
using Platform.Tenants;

namespace Platform.Hosting;

/// <summary>What the embedded mode makes at its first start, so that there is something to try: a tenant with a key and credit.</summary>
internal sealed class DemoTenant(
    RegisterTenants tenants, AddCredit credit, WebhookSecrets secrets, DataFolder data, IOptions<StorageOptions> storage)
{
    private const long Credit = 10_000_000;

    public string KeyFile => data.PathOf("demo.key");

    /// <summary>Holds the secret that signs the tenant's webhooks; written at every start, because it may have been rotated.</summary>
    public string WebhookSecretFile => data.PathOf("demo.secret");

    /// <summary>The key of the demo tenant. An earlier start's is used again; one whose database was thrown away is replaced.</summary>
    public async Task<string> EnsureAsync(CancellationToken cancellation)
    {
        if (File.Exists(KeyFile))
        {
            var kept = (await File.ReadAllTextAsync(KeyFile, cancellation)).Trim();
            if (await tenants.FindOwnerAsync(kept, cancellation) is { } owner)
            {
                SecretFile.Write(WebhookSecretFile, (await secrets.OfTenantAsync(owner))[0]);
                return kept;
            }
        }

        var tenant = await tenants.CreateTenantAsync("demo", weight: 1, cancellation);
        await credit.RunAsync(tenant.TenantId, Credit, "demo", "Credit to try the platform with", cancellation);
        var (_, text) = await tenants.CreateKeyAsync(tenant.TenantId, "dev", "demo", cancellation);
        SecretFile.Write(KeyFile, text);
        SecretFile.Write(WebhookSecretFile, (await secrets.OfTenantAsync(tenant.TenantId))[0]);
        return text;
    }

    /// <summary>A command that a newcomer can paste: it speaks, and leaves a playable file.</summary>
    public string Curl(string key) => $$"""
        curl -s {{storage.Value.PublicBaseUrl.TrimEnd('/')}}/v1 -H 'Authorization: Bearer {{key}}' -H 'Content-Type: application/json' -d '[{
          "taskType": "audioInference", "taskUUID": "'$(cat /proc/sys/kernel/random/uuid)'",
          "model": "alibaba:qwen@3-tts-1.7b-customvoice", "includeCost": true,
          "speech": {"text": "Hello! This is your own speech platform.", "voice": "serena", "language": "English"}
        }]' | tee /dev/stderr | grep -o 'http[^"]*mp3' | xargs curl -so hello.mp3 && ls -l hello.mp3
        """;
}
